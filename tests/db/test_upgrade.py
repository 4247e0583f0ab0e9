"""The upgrade: from nothing, from older checkouts, twice at once, and cut short anywhere."""

from __future__ import annotations

import signal
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, StaticPool, create_engine, event, inspect, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from intranet_people.db import revisions
from intranet_people.db.base import Base
from intranet_people.db.revisions import (
    MISSING,
    UNRELEASED,
    MigrationRequired,
    newest,
    what_is_wrong,
)
from intranet_people.db.sqlite import use_sqlite_well
from intranet_people.db.upgrade import upgrade

from ..schemas import rows
from ..schemas.compare import described
from ..schemas.dump import load, released
from .upgrades import add, engine, session, start, versions

__all__ = ["engine", "session", "versions"]


def state(engine: Engine) -> list[Any]:
    """The schema, its number, and every person: for before and after to be compared."""
    with engine.connect() as connection:
        people = connection.execute(text("SELECT * FROM people_person ORDER BY id")).all()
        return [described(engine), revisions.revision_of(connection), people]


def wrong(engine: Engine) -> str | None:
    with engine.connect() as connection:
        return what_is_wrong(connection)


def test_from_nothing_and_again(session: Session, engine: Engine) -> None:
    assert wrong(engine) == MISSING == "The tables are missing: run `flask people db upgrade`."
    assert [step for step, _ in upgrade(session)] == revisions.known()
    assert wrong(engine) is None
    assert upgrade(session) == []


@pytest.mark.parametrize("revision", [None, "9f3c", "0000"])
def test_tables_of_an_older_checkout(
    session: Session, engine: Engine, revision: str | None
) -> None:
    """Without a number, or with one that is not known: nothing is changed."""
    upgrade(session)
    rows.write(session)
    number = f"UPDATE people_alembic_version SET version_num = '{revision}'"
    session.execute(text(number if revision else "DROP TABLE people_alembic_version"))
    session.commit()
    before = state(engine)
    assert wrong(engine) == UNRELEASED
    with pytest.raises(MigrationRequired, match=r"older checkout.*move or delete.*people sync`"):
        upgrade(session)
    assert state(engine) == before


@pytest.mark.parametrize("lost", ["people_login_attempt", "people_sync_run.kind"])
def test_a_newest_version_that_lacks_something(session: Session, engine: Engine, lost: str) -> None:
    upgrade(session)
    _lose(session, lost)
    with pytest.raises(
        MigrationRequired, match=rf"\(\d+\), but are without {lost}: restore a backup.*move or"
    ):
        upgrade(session)


def _lose(session: Session, what: str) -> None:
    table, _, column = what.partition(".")
    session.execute(
        text(f"ALTER TABLE {table} DROP COLUMN {column}" if column else f"DROP TABLE {table}")
    )
    session.commit()


def test_a_number_without_tables_is_nothing(session: Session, engine: Engine) -> None:
    upgrade(session)
    Base.metadata.drop_all(engine)
    assert wrong(engine) == MISSING
    assert [step for step, _ in upgrade(session)] == revisions.known()


def test_a_newer_database_is_left_alone(session: Session, engine: Engine) -> None:
    upgrade(session)
    rows.write(session)
    session.execute(text("UPDATE people_alembic_version SET version_num = '0907'"))
    session.commit()
    before = state(engine)
    with pytest.raises(
        MigrationRequired, match=rf"newer version: 0907.*{newest()}.*Install the newer"
    ):
        upgrade(session)
    assert state(engine) == before
    assert "0907" in (wrong(engine) or "")


@pytest.mark.parametrize("revision", released())
def test_the_next_revision_over_existing_rows(
    session: Session, engine: Engine, versions: Path, revision: str
) -> None:
    """A column and an index, and for SQLite a table that is made anew."""
    load(engine, revision)
    upgrade(session)
    follows = session.execute(text("SELECT * FROM people_follow ORDER BY 1, 2")).all()
    number = add(versions)
    assert f"needs {number}): run `flask people db upgrade`" in (wrong(engine) or "")
    assert upgrade(session) == [(number, "Shoes, and no two people of one name in a city.")]
    assert wrong(engine) is None
    shoes = session.execute(text("SELECT shoes, title FROM people_person WHERE handle = 'alice'"))
    assert shoes.one() == (42, "Optical Engineer")
    assert session.execute(text("SELECT * FROM people_follow ORDER BY 1, 2")).all() == follows
    there = inspect(engine)
    (made,) = [i for i in there.get_indexes("people_person") if i["name"].endswith("_city_name")]  # type: ignore[union-attr]
    assert made["unique"]
    columns = {c["name"]: c["nullable"] for c in there.get_columns("people_person")}
    assert columns["title"]
    assert not columns["shoes"]


def test_a_table_that_is_made_anew_is_as_before(
    session: Session, engine: Engine, versions: Path
) -> None:
    """But for what the revision says: its keys, its partial indexes, the number of who is next."""
    upgrade(session)
    rows.write(session)
    before = described(engine)
    add(versions)
    upgrade(session)
    gone = [fact for fact in before if fact not in described(engine)]
    assert all("title" in fact for fact in gone), gone
    _insert_like_dana(session)
    numbers = session.execute(text("SELECT max(id) FROM people_person")).scalar_one()
    assert numbers == rows.INES + 1


def _insert_like_dana(session: Session) -> None:
    columns = [c["name"] for c in inspect(session.connection()).get_columns("people_person")]
    names = ", ".join(c for c in columns if c != "id")
    values = names
    for unique in ("directory_id", "handle", "city"):
        values = values.replace(unique, f"'amina' AS {unique}")
    query = f"SELECT {values} FROM people_person WHERE handle = 'dana'"
    session.execute(text(f"INSERT INTO people_person ({names}) {query}"))
    session.commit()


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
        upgrade(session)
        rows.write(session)
        before = state(engine)
        add(versions, then="raise ZeroDivisionError")
        with pytest.raises(ZeroDivisionError):
            upgrade(session)
        assert state(engine) == before
        assert [session.execute(text(f"PRAGMA {name}")).scalar() for name in asked] == settings
    engine.dispose()


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
        upgrade(session)
        rows.write(session)
        before = state(engine)
        add(versions, then="raise ZeroDivisionError")
        with pytest.raises(ZeroDivisionError):
            upgrade(session)
        assert state(engine) == before
        with engine.connect() as connection:
            driver = connection.connection.dbapi_connection
            assert driver is not None
            assert driver.autocommit is (level == "AUTOCOMMIT")
            assert driver.autocommit or connection.get_isolation_level() == level
    engine.dispose()
    postgresql.drop_database(name)


def test_no_other_database(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = create_engine("sqlite://")
    monkeypatch.setattr(engine.dialect, "name", "mysql")
    with (
        Session(engine) as session,
        pytest.raises(MigrationRequired, match="mysql is not supported"),
    ):
        upgrade(session)
