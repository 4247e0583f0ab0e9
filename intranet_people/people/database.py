"""Our own database, where the host has none: its tables, and SQLite set up for many readers."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from .person import Base

PRAGMAS = ("journal_mode=WAL", "busy_timeout=30000", "foreign_keys=ON", "synchronous=NORMAL")


def use_sqlite_well(engine: Engine) -> None:
    """Readers and the one writer do not block each other; keys are enforced."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, record: Any) -> None:
        cursor = connection.cursor()
        for pragma in PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()


def upgrade(session: Session) -> None:
    """Make the tables that are missing. Before the first released schema there is no other."""
    Base.metadata.create_all(session.get_bind())
