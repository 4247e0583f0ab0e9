"""What is shown follows what the directory offers."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from intranet_people.people.login_name import LoginName
from intranet_people.people.person import Person, SyncState
from intranet_people.photos.formats import SIZES
from intranet_people.photos.photo import Photo, PhotoReport, nearest_size, prepare, visible_webp
from intranet_people.photos.worker import Converter
from intranet_people.sync.staged import PhotoSource

from .offers import (
    ALICE,
    BOB,
    BROKEN,
    JOERG,
    NEW,
    OLD,
    digest_of,
    engine,
    is_at_rest,
    kept,
    offer,
    person,
    session,
    shown,
    waiting,
)

__all__ = ["engine", "session"]


@pytest.mark.process
def test_new_photos_are_made_and_shown(session: Session) -> None:
    told: list[tuple[int, int]] = []
    offer(session, {ALICE: OLD, BOB: NEW, JOERG: None})
    assert prepare(session, lambda n, of: told.append((n, of))) == PhotoReport(made=2)
    assert told == [(2, 0), (2, 2)]
    assert shown(session) == {ALICE: OLD, BOB: NEW, JOERG: None}
    assert kept(session) == {OLD: [64, 128], NEW: [64, 128]}
    assert is_at_rest(session)


@pytest.mark.process
def test_the_last_good_photo_stays(session: Session) -> None:
    offer(session, {ALICE: OLD, BOB: None})
    prepare(session)
    offer(session, {ALICE: BROKEN, BOB: BROKEN, JOERG: NEW})
    report = prepare(session)
    assert report.made == 1
    (problem,) = report.problems
    assert problem[0] == digest_of(BROKEN)
    assert problem[1].code == "photo-broken"
    source = session.get_one(PhotoSource, problem[0])
    assert (source.data, source.problem) == (None, problem[1])
    assert shown(session) == {ALICE: OLD, BOB: None, JOERG: NEW}
    assert is_at_rest(session), "it is not read again"
    offer(session, {ALICE: NEW})
    assert prepare(session) == PhotoReport(), "Jörg has the same"
    assert shown(session) == {ALICE: NEW, BOB: None, JOERG: NEW}
    assert kept(session) == {NEW: [64, 128]}


@pytest.mark.process
def test_photos_that_are_withdrawn_leave_nothing_behind(session: Session) -> None:
    offer(session, {ALICE: OLD, BOB: OLD, JOERG: NEW})
    prepare(session)
    offer(session, {ALICE: None, JOERG: None})
    assert prepare(session) == PhotoReport()
    assert shown(session) == {ALICE: None, BOB: OLD, JOERG: None}
    assert kept(session) == {OLD: [64, 128]}
    session.execute(delete(Person))
    session.commit()
    assert prepare(session) == PhotoReport()
    assert kept(session) == {}
    assert session.scalars(select(PhotoSource)).all() == []


@pytest.mark.process
def test_a_new_photo_leaves_nothing_of_the_old_one(session: Session) -> None:
    offer(session, {ALICE: OLD})
    prepare(session)
    offer(session, {ALICE: NEW})
    assert prepare(session) == PhotoReport(made=1)
    assert shown(session) == {ALICE: NEW}
    assert kept(session) == {NEW: [64, 128]}


@pytest.mark.process
def test_a_photo_that_comes_back_is_there_at_once(session: Session) -> None:
    offer(session, {ALICE: OLD, BOB: OLD})
    prepare(session)
    offer(session, {ALICE: BROKEN, BOB: None})
    prepare(session)
    offer(session, {ALICE: NEW, BOB: OLD})
    with Converter() as converter:
        assert prepare(session, converter=converter).made == 1
    assert shown(session) == {ALICE: NEW, BOB: OLD}
    assert is_at_rest(session)


@pytest.mark.process
def test_one_photo_of_very_many_people(session: Session) -> None:
    handles = [f"temp{n}" for n in range(1000)]
    offer(session, dict.fromkeys(handles, OLD))
    assert prepare(session) == PhotoReport(made=1)
    assert shown(session) == dict.fromkeys(handles, OLD)
    session.execute(update(Person).values(photo_offered=None))
    session.commit()
    prepare(session)
    assert shown(session) == dict.fromkeys(handles)
    assert is_at_rest(session)


def test_what_a_sync_is_about_to_offer_stays(session: Session) -> None:
    """A run keeps photos before anybody has them; the next one ends what a killed one began."""
    session.add(SyncState(id=1, run_id=4))
    session.add(PhotoSource(digest=digest_of(NEW), data=NEW, run_id=5))
    session.commit()
    assert prepare(session) == PhotoReport()
    assert waiting(session) == [digest_of(NEW)]
    session.execute(update(SyncState).values(run_id=6))
    session.commit()
    assert prepare(session) == PhotoReport()
    assert waiting(session) == []


def test_a_photo_in_the_size_that_is_there(session: Session) -> None:
    session.add_all(Photo(digest="d", size=size, data=b"%d" % size) for size in (64, 128))
    alice = person(ALICE, "d")
    alice.photo_digest = "d"
    session.add(alice)
    session.commit()
    me, them = LoginName(ALICE), LoginName(BOB)
    found = [visible_webp(session, me, "d", size) for size in SIZES]
    assert found == [(b"64",), (b"128",), (b"128",), (b"128",)]
    assert visible_webp(session, me, "d", 512, is_kept=True) == (b"",)
    for is_kept in (False, True):
        assert visible_webp(session, me, "another", 64, is_kept=is_kept) == (None,)
        assert visible_webp(session, them, "d", 64, is_kept=is_kept) is None, "not signed in"


def test_nearest_size() -> None:
    sizes = {-1: 64, 0: 64, 64: 64, 65: 128, 256: 256, 512: 512, 10**9: 512}
    assert {n: nearest_size(n) for n in sizes} == sizes
