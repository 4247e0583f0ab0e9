"""Making the tables, and bringing them up to date."""

from __future__ import annotations

from sqlalchemy import Connection, inspect
from sqlalchemy.orm import Session

from .base import Base
from .revisions import MigrationRequired, known, newer, newest, revision_of

FIRST = "0001"


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
        if revision_of(connection) == newest() and not any(lacking(connection)):
            return []
    from .migrate import alone, take_steps

    with alone(engine) as connection:
        _find_start(connection)
        return take_steps(connection)


def _find_start(connection: Connection) -> None:
    """Record the revision of tables that have none yet.

    Raises MigrationRequired.
    """
    from .migrate import stamp

    revision = revision_of(connection)
    if revision and revision not in known():
        raise MigrationRequired(newer(revision))
    tables, columns = lacking(connection)
    if len(tables) == len(Base.metadata.tables):
        stamp(connection, "base")
    elif revision in (None, newest()):
        if tables or columns:
            raise MigrationRequired(_no_way(revision, [*tables, *columns]))
        if revision is None:
            stamp(connection, FIRST)


def _no_way(revision: str | None, lacks: list[str]) -> str:
    without = ", ".join(lacks[:5])
    if revision:
        return (
            f"The tables are of the newest version ({revision}), but without {without}: somebody"
            " has taken that away. Restore the database from a backup."
        )
    return (
        f"The tables are those of an earlier version, without {without}. It was never released,"
        " and there is no way from it to this one: set SQLALCHEMY_DATABASE_URI to a new database."
    )


def drop_all(session: Session) -> None:
    """Drop all of our tables, of whatever version."""
    connection = session.connection()
    tables = [t for t in inspect(connection).get_table_names() if t.startswith("people_")]
    cascade = " CASCADE" if connection.dialect.name == "postgresql" else ""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        # The full-text tables go with the one that they are of.
        tables = [t for t in tables if not t.startswith("people_index_")]
    for table in tables:
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {table}{cascade}")
    session.commit()
    if session.get_bind().dialect.name == "sqlite":
        session.connection().exec_driver_sql("PRAGMA foreign_keys=ON")


def lacking(connection: Connection) -> tuple[list[str], list[str]]:
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
    return tables, columns
