"""What is shown follows what the directory offers, in steps that may end anywhere."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Thread
from time import monotonic, sleep

import pytest
from sqlalchemy import Engine, create_engine, delete, event, insert, select, update
from sqlalchemy.orm import Session

from intranet_people.clock import now
from intranet_people.db.base import table_of
from intranet_people.db.sqlite import use_sqlite_well
from intranet_people.db.upgrade import upgrade
from intranet_people.people.person import Person, SyncState
from intranet_people.photos.formats import SIZES
from intranet_people.photos.photo import Photo, PhotoReport, nearest_size, prepare, webp
from intranet_people.photos.worker import Converter
from intranet_people.sync.staged import PhotoSource

from . import stand_in
from .conftest import REFUSED, halves, saved
from .test_worker import STAND_IN

ALICE, BOB, JOERG = "alice", "bob", "jörg"
FACES = [saved(halves(100 + n, 100), "JPEG") for n in range(40)]
OLD, NEW = FACES[:2]
BROKEN = REFUSED["half a JPEG"][0]


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An empty database with tables."""
    engine = create_engine(database_url)
    use_sqlite_well(engine)
    with Session(engine) as session:
        upgrade(session)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with Session(engine) as session:
        yield session


def digest_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def offer(session: Session, photos: Mapping[str, bytes | None]) -> None:
    """As a sync leaves it: by login name, the photo that the directory holds now."""
    known = {p.handle: p for p in session.scalars(select(Person))}
    for handle, data in photos.items():
        digest = digest_of(data) if data else None
        if handle in known:
            known[handle].photo_offered = digest
        else:
            session.add(person(handle, digest))
        if digest and not session.get(PhotoSource, digest):
            session.add(PhotoSource(digest=digest, data=data))
            session.flush()
    session.commit()


def person(handle: str, digest: str | None) -> Person:
    return Person(
        directory_id=f"id-{handle}",
        handle=handle,
        name=handle.title(),
        sort_key=handle,
        dn_key=hash(handle),
        joined_at=now(),
        fingerprint="",
        photo_offered=digest,
    )


def shown(session: Session) -> dict[str | None, bytes | None]:
    """Of each person by their login name: the photo that is shown with them, as it came."""
    came = {digest_of(face): face for face in FACES}
    session.rollback()
    digests = session.execute(select(Person.handle, Person.photo_digest)).all()
    for _, digest in digests:
        assert digest is None or webp(session, digest, 64)
    return {handle: came[digest] if digest else None for handle, digest in digests}


def kept(session: Session) -> dict[bytes | None, list[int]]:
    """The photos of which sizes are kept, and the sizes."""
    came = {digest_of(face): face for face in FACES}
    sizes: dict[bytes | None, list[int]] = {}
    for digest, size in session.execute(select(Photo.digest, Photo.size).order_by(Photo.size)):
        sizes.setdefault(came.get(digest), []).append(size)
    return sizes


def waiting(session: Session) -> list[str]:
    query = select(PhotoSource.digest).where(PhotoSource.data.is_not(None))
    return list(session.scalars(query))


def is_at_rest(session: Session) -> bool:
    """Nothing is left to be done, made or forgotten."""
    told: list[int] = []
    before = kept(session)
    rest = prepare(session, lambda n, of: told.append(n)) == PhotoReport() and not told
    return rest and kept(session) == before and not waiting(session)


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


@pytest.mark.process
def test_two_at_once_do_no_harm(engine: Engine, session: Session) -> None:
    people = {f"person{n}": face for n, face in enumerate([*FACES, BROKEN])}
    offer(session, {ALICE: OLD} | people)
    reports: list[PhotoReport] = []

    def run() -> None:
        with Session(engine) as own:
            reports.append(prepare(own))

    runs = [Thread(target=run) for _ in range(2)]
    for each in runs:
        each.start()
    for each in runs:
        each.join()
    assert len(reports) == 2
    assert sum(report.made for report in reports) >= len(FACES)
    assert shown(session) == {ALICE: OLD} | people | {f"person{len(FACES)}": None}
    assert is_at_rest(session)


@pytest.mark.process
@pytest.mark.parametrize("steps", [1, 3])
def test_killed_anywhere_the_next_run_goes_on(engine: Engine, session: Session, steps: int) -> None:
    people: dict[str, bytes | None] = {f"person{n}": face for n, face in enumerate(FACES)}
    offer(session, people | {ALICE: BROKEN})
    program = (
        "import sys; sys.path[:] = sys.argv[2:]\n"
        "from sqlalchemy import create_engine\n"
        "from sqlalchemy.orm import Session\n"
        "from intranet_people.photos.photo import prepare\n"
        "with Session(create_engine(sys.argv[1])) as session:\n"
        "    prepare(session, lambda n, of: print(n, flush=True))\n"
    )
    url = engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", program, url, str(Path(__file__).parents[2]), *sys.path]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as run:
        assert run.stdout is not None
        for _ in range(steps):
            assert run.stdout.readline()
        run.kill()
    half = [face for face in shown(session).values() if face]
    assert 0 < len(half) < len(FACES)
    report = prepare(session)
    assert report.made <= len(FACES) - len(half)
    assert shown(session) == people | {ALICE: None}
    assert is_at_rest(session)


def test_killed_between_the_sizes_and_the_people(session: Session) -> None:
    """The sizes are stored first; whom they are shown with may be very many."""
    offer(session, {ALICE: OLD, BOB: OLD})
    digest = digest_of(OLD)
    session.add_all(Photo(digest=digest, size=size, data=b"RIFF") for size in (64, 128))
    session.commit()
    session.execute(update(Person).where(Person.handle == BOB).values(photo_digest=digest))
    session.commit()
    assert prepare(session) == PhotoReport()
    assert shown(session) == {ALICE: OLD, BOB: OLD}
    assert is_at_rest(session)


@pytest.mark.process
def test_nothing_is_locked_while_a_photo_is_read(session: Session) -> None:
    """No transaction is open while a child works, nor when progress is told."""
    slow = [b"%d" % n + stand_in.SLOW for n in range(5)]
    offer(session, {f"person{n}": b"\xff\xd8\xff" + data for n, data in enumerate(slow)})
    open_when_told: list[bool] = []
    run = Thread(
        target=lambda: prepare(
            session,
            lambda n, of: open_when_told.append(session.in_transaction()),
            Converter(children=2, module=STAND_IN),
        )
    )
    run.start()
    looks = []
    while run.is_alive():
        looks.append(session.in_transaction())
        sleep(0.01)
    run.join()
    assert len(looks) > 100
    assert sum(looks) < 15
    assert open_when_told == [False, False]


def test_nothing_to_do_is_six_questions(engine: Engine, session: Session) -> None:
    people = [{"directory_id": f"id-{n}", "handle": f"u{n}", "dn_key": n} for n in range(20_000)]
    same = {"name": "U", "sort_key": "u", "joined_at": now(), "fingerprint": ""}
    photo = {"photo_offered": digest_of(OLD), "photo_digest": digest_of(OLD)}
    session.execute(insert(table_of(Person)), [each | same | photo for each in people])
    session.add(PhotoSource(digest=digest_of(OLD)))
    session.add(Photo(digest=digest_of(OLD), size=64, data=b"RIFF"))
    session.commit()
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda c, cu, text, *a: statements.append(text))
    began = monotonic()
    assert prepare(session) == PhotoReport()
    assert monotonic() - began < 0.5
    assert len(statements) == 6
    assert all(text.startswith("SELECT") and "count(" not in text for text in statements)


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
    session.commit()
    assert [webp(session, "d", size) for size in SIZES] == [b"64", b"128", b"128", b"128"]
    assert webp(session, "another", 64) is None


def test_nearest_size() -> None:
    sizes = {-1: 64, 0: 64, 64: 64, 65: 128, 256: 256, 512: 512, 10**9: 512}
    assert {n: nearest_size(n) for n in sizes} == sizes
