"""Making the tables, and bringing them up to date."""

from __future__ import annotations

from sqlalchemy import Connection, inspect
from sqlalchemy.orm import Session

from .base import Base
from .revisions import ANEW, MigrationRequired, has_tables, newest, no_way_from, revision_of


def upgrade(session: Session) -> list[tuple[str, str]]:
    """Make the tables, or bring them up to date: all of it or, where it fails, nothing.

    Commits what the session has begun. Returns the revisions that were missing, each with what it
    does. Raises MigrationRequired where there is no way from these tables to those of this version.
    """
    session.commit()
    engine = session.get_bind().engine
    if engine.dialect.name not in ("sqlite", "postgresql"):
        raise MigrationRequired(
            f"{engine.dialect.name} is not supported: SQLALCHEMY_DATABASE_URI must name SQLite"
            " or PostgreSQL."
        )
    with engine.connect() as connection:
        if revision_of(connection) == newest() and not lacking(connection):
            return []
    from .migrate import alone, stamp, take_steps

    with alone(engine) as connection:
        if wrong := no_way(connection):
            raise MigrationRequired(wrong)
        if revision_of(connection) and not has_tables(connection):
            stamp(connection, "base")
        return take_steps(connection)


def no_way(connection: Connection) -> str | None:
    """Why these tables cannot be upgraded, and what to do; None where they can, or are missing."""
    revision = revision_of(connection)
    if wrong := no_way_from(connection, revision):
        return wrong
    if revision == newest() and has_tables(connection) and (lacks := lacking(connection)):
        return (
            f"The tables say they are of the newest version ({revision}), but are without"
            f" {', '.join(lacks[:5])}: restore a backup. If an older checkout made them, {ANEW}"
        )
    return None


def lacking(connection: Connection) -> list[str]:
    """The tables that are missing, and the columns that are missing in those that are there."""
    there = inspect(connection)
    known = set(there.get_table_names())
    tables = [table for table in Base.metadata.tables if table not in known]
    columns = [
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        if table.name in known
        for column in table.columns
        if column.name not in {c["name"] for c in there.get_columns(table.name)}
    ]
    return [*tables, *columns]
