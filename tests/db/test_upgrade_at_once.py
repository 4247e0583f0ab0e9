"""An upgrade beside another, or beside somebody who reads: who waits for whom, and how long."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, inspect
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from intranet_people.db import revisions
from intranet_people.db.upgrade import upgrade

from ..schemas import rows
from .upgrades import add, engine, session, start, versions

__all__ = ["engine", "session", "versions"]


def test_who_reads_for_long_keeps_nobody_else_out(tmp_path: Path) -> None:
    """Where a host's SQLite has no WAL, a commit that waits would: it is given up soon."""
    engine = create_engine(f"sqlite:///{tmp_path / 'host.db'}")
    with engine.connect() as reader, Session(engine) as own:
        reader.exec_driver_sql("CREATE TABLE soup (id integer)")
        reader.exec_driver_sql("INSERT INTO soup VALUES (1)")
        reader.commit()
        reader.exec_driver_sql("BEGIN")
        reader.exec_driver_sql("SELECT * FROM soup").all()
        began = time.monotonic()
        with pytest.raises(OperationalError, match="locked"):
            upgrade(own)
        assert time.monotonic() - began < 60, "and not the ten minutes of the first lock"
        reader.rollback()
        assert inspect(engine).get_table_names() == ["soup"]
        own.rollback()
        assert upgrade(own)
    engine.dispose()


@pytest.mark.process
def test_two_at_once(session: Session, versions: Path, database_url: str) -> None:
    """From nothing, and from a revision on: one does it all, the other waits and finds it done."""
    _at_once(database_url, versions, revisions.known())
    number = add(versions, then="import time; time.sleep(1)")
    rows.write(session)
    _at_once(database_url, versions, [number])


def _at_once(url: str, versions: Path, steps: list[str]) -> None:
    began = [start(url, versions) for _ in range(2)]
    ended = [process.communicate(timeout=90) for process in began]
    assert [process.returncode for process in began] == [0, 0], ended
    assert sorted(out.strip() for out, _ in ended) == sorted([str(steps), "[]"])


@pytest.mark.process
def test_waits_longer_than_a_host_would(
    session: Session, versions: Path, database_url: str, engine: Engine
) -> None:
    """On SQLite a host's connections give up after five seconds, or at once."""
    upgrade(session)
    number = add(versions, then="import time; time.sleep(4)")
    other = start(database_url, versions)
    impatient = create_engine(
        database_url, **({"connect_args": {"timeout": 0}} if engine.name == "sqlite" else {})
    )
    while other.poll() is None and not _is_at_work(engine):
        time.sleep(0.05)
    with Session(impatient) as second:
        assert upgrade(second) == []
    impatient.dispose()
    out, err = other.communicate(timeout=60)
    assert out.strip() == f"['{number}']", err


def _is_at_work(engine: Engine) -> bool:
    with engine.connect() as connection:
        if engine.name == "postgresql":
            held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
            return bool(connection.exec_driver_sql(held).scalar())
        try:
            connection.exec_driver_sql("PRAGMA busy_timeout=0")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        except Exception:
            return True
        connection.exec_driver_sql("ROLLBACK")
        return False
