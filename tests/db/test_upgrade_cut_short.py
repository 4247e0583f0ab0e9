"""An upgrade that ends in the middle has changed nothing, however a host sets up its database."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, StaticPool, create_engine, event, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from intranet_people.db.sqlite import use_sqlite_well
from intranet_people.db.upgrade import upgrade

from ..schemas import rows
from .upgrades import add, engine, session, start, state, versions

__all__ = ["engine", "session", "versions"]


def test_what_fails_in_the_middle_changes_nothing(
    session: Session, engine: Engine, versions: Path
) -> None:
    upgrade(session)
    rows.write(session)
    before = state(engine)
    add(versions)
    add(versions, body="", then="raise ZeroDivisionError")
    with pytest.raises(ZeroDivisionError):
        upgrade(session)
    assert state(engine) == before


def test_rows_that_do_not_fit_change_nothing(
    session: Session, engine: Engine, versions: Path
) -> None:
    upgrade(session)
    rows.write(session)
    session.execute(text("UPDATE people_person SET name = 'Two of one'"))
    session.commit()
    before = state(engine)
    add(versions)
    with pytest.raises(IntegrityError):
        upgrade(session)
    assert state(engine) == before


@pytest.mark.process
def test_killed_in_the_middle(
    session: Session, engine: Engine, versions: Path, database_url: str
) -> None:
    upgrade(session)
    rows.write(session)
    before = state(engine)
    add(versions, then="import os; os.kill(os.getpid(), 9)")
    other = start(database_url, versions)
    other.communicate(timeout=60)
    assert other.returncode == -signal.SIGKILL
    assert state(engine) == before
    sorted(versions.glob("*.py"))[-1].unlink()
    number = add(versions)
    assert [step for step, _ in upgrade(session)] == [number]


@pytest.mark.parametrize("how", ["as ours", "begins by itself", "autocommit", "in memory"])
def test_on_sqlite_however_a_host_sets_it_up(tmp_path: Path, versions: Path, how: str) -> None:
    in_memory = {"poolclass": StaticPool, "connect_args": {"check_same_thread": False}}
    options: dict[str, Any] = {"autocommit": {"isolation_level": "AUTOCOMMIT"}}.get(how, {})
    options |= in_memory if how == "in memory" else {}
    file = "" if how == "in memory" else f"/{tmp_path / 'host.db'}"
    engine = create_engine(f"sqlite://{file}", **options)
    use_sqlite_well(engine)
    if how == "begins by itself":
        _begin_by_itself(engine)
    asked = ("busy_timeout", "foreign_keys", "page_size", "journal_mode")
    with Session(engine) as session:
        settings = [session.execute(text(f"PRAGMA {name}")).scalar() for name in asked]
        _fail_to_upgrade(session, engine, versions)
        assert [session.execute(text(f"PRAGMA {name}")).scalar() for name in asked] == settings
    engine.dispose()


def _fail_to_upgrade(session: Session, engine: Engine, versions: Path) -> None:
    """An upgrade that fails leaves tables and rows as they were."""
    upgrade(session)
    rows.write(session)
    before = state(engine)
    add(versions, then="raise ZeroDivisionError")
    with pytest.raises(ZeroDivisionError):
        upgrade(session)
    assert state(engine) == before


def _begin_by_itself(engine: Engine) -> None:
    """https://docs.sqlalchemy.org/dialects/sqlite.html on transactions, as hosts have it."""

    @event.listens_for(engine, "connect")
    def leave_it(connection: Any, record: Any) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN")


@pytest.mark.postgresql
@pytest.mark.parametrize("level", ["AUTOCOMMIT", "REPEATABLE READ", "SERIALIZABLE"])
def test_on_postgresql_however_a_host_sets_it_up(
    postgresql: Any, versions: Path, level: str
) -> None:
    name = f"level_{level[:4].lower()}"
    engine = create_engine(postgresql.create_database(name), isolation_level=level)
    with Session(engine) as session:
        _fail_to_upgrade(session, engine, versions)
        with engine.connect() as connection:
            driver = connection.connection.dbapi_connection
            assert driver is not None
            assert driver.autocommit is (level == "AUTOCOMMIT")
            assert driver.autocommit or connection.get_isolation_level() == level
    engine.dispose()
    postgresql.drop_database(name)
