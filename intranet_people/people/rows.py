"""Writing a row once, whoever writes it first."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from .person import Base, table_of


def insert_once(session: Session, entity: type[Base], **values: Any) -> bool:
    """Insert a row, or leave the one of the same key; True where it is new.

    Without an error to roll back from: what a host has not committed yet is not lost.
    """
    is_postgresql = session.get_bind().dialect.name == "postgresql"
    insert = postgresql.insert if is_postgresql else sqlite.insert
    table = table_of(entity)
    statement = insert(table).values(**values).on_conflict_do_nothing()
    return bool(session.execute(statement.returning(*table.primary_key)).all())


def lock(session: Session, entity: type[Base], id: int) -> None:
    """Hold a row until the transaction ends, so that what is counted next stays true.

    SQLite has no locks of rows: there the write holds the whole database, for a moment.
    """
    table = table_of(entity)
    session.execute(table.update().where(table.c.id == id).values(id=id))
