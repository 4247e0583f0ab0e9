"""Those who left long ago are erased with everything; who comes back in time has it all."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update

from intranet_people.clock import now
from intranet_people.db.base import Base
from intranet_people.people.person import Person
from intranet_people.photos.photo import Photo
from intranet_people.sync.history import SyncRun
from intranet_people.sync.staged import PhotoSource

from ..conftest import plugin_of
from ..servers.slapd import Slapd
from .conftest import command, dn, follows, ldif, lets_follow, people, run

pytestmark = pytest.mark.slapd
KEPT = timedelta(days=30)


def left_days_ago(app: Flask, handle: str, days: int) -> None:
    with app.app_context():
        session = plugin_of(app).session
        then = now() - timedelta(days=days)
        session.execute(update(Person).where(Person.handle == handle).values(left_at=then))
        session.commit()


def test_after_the_time_no_row_is_left(synced: Flask, changing: Slapd) -> None:
    lets_follow(synced, "bob", "dana")
    lets_follow(synced, "dana", "alice")
    lets_follow(synced, "bob", "alice")
    dana = people(synced)["dana"]
    assert dana.photo_digest
    changing.delete(dn("dana"))
    run(synced)
    left_days_ago(synced, "dana", 29)
    assert run(synced, keep_leavers=KEPT).erased == 0
    assert "dana" in people(synced)
    left_days_ago(synced, "dana", 31)
    assert run(synced, keep_leavers=KEPT).erased == 1
    assert "dana" not in people(synced)
    everyone = people(synced)
    assert follows(synced) == {(everyone["bob"].id, everyone["alice"].id)}
    with synced.app_context():
        session = plugin_of(synced).session
        for table in Base.metadata.sorted_tables:
            for key in table.foreign_keys:
                if key.references(Person.__table__):  # type: ignore[arg-type]
                    query = select(func.count()).where(key.parent == dana.id)
                    assert session.scalar(query) == 0, key
        rows = session.scalars(text("SELECT rowid FROM people_index")).all()
        assert dana.id not in rows
        digests = [dana.photo_digest]
        assert session.scalars(select(Photo).where(Photo.digest.in_(digests))).all() == []
        assert session.get(PhotoSource, dana.photo_digest) is None


def test_a_database_that_enforces_no_keys_forgets_them_too(synced: Flask, changing: Slapd) -> None:
    """As a host's SQLite usually is."""
    lets_follow(synced, "bob", "leila")
    changing.delete(dn("leila"))
    run(synced)
    left_days_ago(synced, "leila", 31)
    with synced.app_context():
        session = plugin_of(synced).session
        if session.get_bind().dialect.name == "sqlite":
            session.connection().exec_driver_sql("PRAGMA foreign_keys=OFF")
            session.commit()
    run(synced, keep_leavers=KEPT)
    assert follows(synced) == set()


def test_an_erased_person_who_returns_is_a_new_one(synced: Flask, changing: Slapd) -> None:
    lets_follow(synced, "bob", "leila")
    leila = people(synced)["leila"]
    changing.delete(dn("leila"))
    run(synced)
    left_days_ago(synced, "leila", 31)
    run(synced, keep_leavers=KEPT)
    changing.add(ldif("leila", f"entryUUID: {leila.directory_id}"), relax=True)
    run(synced)
    assert people(synced)["leila"].id > leila.id
    assert follows(synced) == set()


def test_runs_are_forgotten_after_a_month(synced: Flask) -> None:
    with synced.app_context():
        session = plugin_of(synced).session
        session.add(SyncRun(started_at=now() - timedelta(days=31), problems=[["dana", "?"]]))
        session.commit()
    command(synced, "sync")
    with synced.app_context():
        runs = plugin_of(synced).session.scalars(select(SyncRun)).all()
        assert [r.status for r in runs] == ["done", "done"]
