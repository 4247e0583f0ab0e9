"""What no upgrade touches: tables of another checkout or version, and other databases."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from intranet_people.db.revisions import UNRELEASED, MigrationRequired, newest
from intranet_people.db.upgrade import upgrade

from ..schemas import rows
from .upgrades import engine, session, state, wrong

__all__ = ["engine", "session"]


@pytest.mark.parametrize("revision", [None, "9f3c", "0000"])
def test_tables_of_an_older_checkout_stay_as_they_are(
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


@pytest.mark.parametrize("lost", ["people_login_attempt", "people_sync_run.kind", "people_index"])
def test_a_newest_version_that_lacks_something(session: Session, engine: Engine, lost: str) -> None:
    upgrade(session)
    _lose(session, lost)
    with pytest.raises(
        MigrationRequired, match=rf"\(\d+\), but lack {lost}: restore a backup.*move or"
    ):
        upgrade(session)


def _lose(session: Session, what: str) -> None:
    table, _, column = what.partition(".")
    session.execute(
        text(f"ALTER TABLE {table} DROP COLUMN {column}" if column else f"DROP TABLE {table}")
    )
    session.commit()


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


def test_no_other_database(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = create_engine("sqlite://")
    monkeypatch.setattr(engine.dialect, "name", "mysql")
    with (
        Session(engine) as session,
        pytest.raises(MigrationRequired, match="mysql is not supported"),
    ):
        upgrade(session)
