"""SQLite set up for many readers and one writer."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

# Photos take whole pages: of the usual 4 kB ones they take many, which costs half as much again.
PRAGMAS = (
    "page_size=16384",
    "journal_mode=WAL",
    "busy_timeout=30000",
    "foreign_keys=ON",
    "synchronous=NORMAL",
)


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


def use_memory(session: Session) -> None:
    """For a run that writes a lot: a 64 MB page cache, and fewer checkpoints.

    Of the connection that it has, which is the only one of a process that runs a command.
    """
    if session.get_bind().dialect.name == "sqlite":
        for pragma in ("cache_size=-65536", "wal_autocheckpoint=4000"):
            session.connection().exec_driver_sql(f"PRAGMA {pragma}")
        session.commit()
