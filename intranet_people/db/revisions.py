"""Which revision of the tables a database has, and which one this version needs.

Read without Alembic, which is imported only where tables are made or changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, String, column, inspect, select, table
from sqlalchemy.orm import Session

from .base import Base

VERSIONS = Path(__file__).parent / "migrations" / "versions"
PREFIX = "people_"
VERSION_TABLE = "people_alembic_version"
COMMAND = "flask people db upgrade"
MISSING = f"The tables are missing: run `{COMMAND}`."
ANEW = (
    "move or delete this database (of one that is also a host's, only the tables people_*), then"
    f" run `{COMMAND}` and `flask people sync`."
)
UNRELEASED = f"The tables were made by an older checkout, which was never released: {ANEW}"


class MigrationRequired(Exception):
    """The tables are not those that this version needs; the text says what to do."""


def include_name(name: str | None, type_: str, parent_names: Mapping[Any, str | None]) -> bool:
    """For the Alembic or Flask-Migrate of a host: leaves our tables, and what is in them, out.

    To be handed in: `Migrate(app, db, include_name=include_name)`, or `context.configure(...)`.
    """
    of = name if type_ == "table" else parent_names.get("table_name")
    return not (of or "").startswith(PREFIX)


def known() -> list[str]:
    """Every revision that there ever was, the oldest first: their files' names begin with it."""
    return sorted(file.name.partition("_")[0] for file in VERSIONS.glob("[0-9]*.py"))


def newest() -> str:
    return known()[-1]


def revision_of(connection: Connection) -> str | None:
    """That of the tables; None where there are none, or where they were never numbered."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    query = select(column("version_num", String)).select_from(table(VERSION_TABLE))
    return connection.scalar(query)


def check_revision(session: Session) -> None:
    """That the tables are those of this version. Raises MigrationRequired."""
    if wrong := what_is_wrong(session.connection()):
        raise MigrationRequired(wrong)


def what_is_wrong(connection: Connection) -> str | None:
    """In a sentence that names the way out; None where the tables are those of this version."""
    revision = revision_of(connection)
    if revision == newest():
        return None
    if wrong := no_way_from(connection, revision):
        return wrong
    if revision is None:
        return MISSING
    return (
        f"The tables are those of an earlier version ({revision}; this one needs {newest()}):"
        f" run `{COMMAND}`."
    )


def no_way_from(connection: Connection, revision: str | None) -> str | None:
    """Why tables that say they are of that revision cannot be upgraded."""
    if revision in known():
        return None
    if revision and revision.isdecimal() and revision > newest():
        return (
            f"The tables are those of a newer version: {revision}, where this one knows {newest()}"
            " at most. Install the newer Intranet People; nothing was changed."
        )
    return UNRELEASED if revision or has_tables(connection) else None


def has_tables(connection: Connection) -> bool:
    """Whether any table of ours is there."""
    return not Base.metadata.tables.keys().isdisjoint(inspect(connection).get_table_names())
