"""Which revision of the tables a database has, and which one this version needs.

Read without Alembic, which is imported only where tables are made or changed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, String, column, inspect, select, table
from sqlalchemy.orm import Session

from .base import Base

VERSIONS = Path(__file__).parent / "migrations" / "versions"
PREFIX = "people_"
VERSION_TABLE = "people_alembic_version"
INDEX, OF_INDEX = "people_index", {"teams", "lexemes"}
"""The table of people/index.py, which no model describes, and the column that it has on SQLite, and
on PostgreSQL."""
COMMAND = "flask people db upgrade"
MISSING = f"The tables are missing: run `{COMMAND}`."
ANEW = (
    "move or delete this database (if it is also a host's, only the tables people_*), then"
    f" run `{COMMAND}` and `flask people sync`."
)
UNRELEASED = f"The tables were made by an older checkout that was never released: {ANEW}"


class MigrationRequired(Exception):
    """The tables do not fit this version; the text says what to do."""


def include_name(name: str | None, type_: str, parent_names: Mapping[Any, str | None]) -> bool:
    """For the Alembic or Flask-Migrate of a host: ignore our tables and their columns.

    Use it as `Migrate(app, db, include_name=include_name)`, or `context.configure(...)`.
    """
    of = name if type_ == "table" else parent_names.get("table_name")
    return not (of or "").startswith(PREFIX)


def known() -> list[str]:
    """All revisions, the oldest first: the names of their files begin with them."""
    return sorted(file.name.partition("_")[0] for file in VERSIONS.glob("[0-9]*.py"))


def newest() -> str:
    return known()[-1]


def revision_of(connection: Connection) -> str | None:
    """The revision of the tables; None if there are none, or without a revision."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    query = select(column("version_num", String)).select_from(table(VERSION_TABLE))
    return connection.scalar(query)


def check_revision(session: Session) -> None:
    """Check that the tables fit this version. Raises MigrationRequired."""
    if wrong := what_is_wrong(session.connection()):
        raise MigrationRequired(wrong)


def what_is_wrong(connection: Connection) -> str | None:
    """One sentence with what to do; None if the tables fit this version."""
    revision, there = revision_of(connection), columns_of(connection)
    if wrong := _no_way(revision, there):
        return wrong
    if not there:
        return MISSING
    if revision == newest():
        return None
    return (
        f"The tables are those of an earlier version ({revision}; this one needs {newest()}):"
        f" run `{COMMAND}`."
    )


def no_way(connection: Connection) -> str | None:
    """Why these tables cannot be upgraded, and what to do; None if they can, or are missing."""
    return _no_way(revision_of(connection), columns_of(connection))


def _no_way(revision: str | None, there: Mapping[str, Collection[str]]) -> str | None:
    if revision and revision.isdecimal() and revision > newest():
        return (
            f"The tables are those of a newer version: {revision}, and this one knows"
            f" only up to {newest()}. Install the newer Intranet People; nothing was changed."
        )
    if revision not in known():
        return UNRELEASED if revision or there else None
    if there and revision == newest() and (lacks := lacking(there)):
        return (
            f"The tables claim to be of the newest version ({revision}), but lack"
            f" {', '.join(lacks[:5])}: restore a backup. If an older checkout made them, {ANEW}"
        )
    return None


def columns_of(connection: Connection) -> dict[str, set[str]]:
    """The names of the columns of each of our tables that exists."""
    names = [*Base.metadata.tables, INDEX]
    found = inspect(connection).get_multi_columns(filter_names=names)
    return {table: {column["name"] for column in columns} for (_, table), columns in found.items()}


def lacking(there: Mapping[str, Collection[str]]) -> list[str]:
    """The missing tables, and the missing columns of the others."""
    tables = Base.metadata.tables.values()
    is_index_there = OF_INDEX & {*there.get(INDEX, ())}
    return (
        [table.name for table in tables if table.name not in there]
        + [
            f"{table.name}.{column.name}"
            for table in tables
            for column in table.columns
            if column.name not in there.get(table.name, [column.name])
        ]
        + ([] if is_index_there else [INDEX])
    )
