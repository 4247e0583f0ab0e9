"""Photos are made in steps that may end anywhere, that lock nothing, and that cost little."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from threading import Thread
from time import monotonic, sleep

import pytest
from sqlalchemy import Engine, event, insert, update
from sqlalchemy.orm import Session

from intranet_people.clock import now
from intranet_people.db.base import table_of
from intranet_people.people.person import Person
from intranet_people.photos.photo import Photo, PhotoReport, prepare
from intranet_people.photos.worker import Converter
from intranet_people.sync.staged import PhotoSource

from . import stand_in
from .offers import (
    ALICE,
    BOB,
    BROKEN,
    FACES,
    OLD,
    digest_of,
    engine,
    is_at_rest,
    offer,
    session,
    shown,
)

__all__ = ["engine", "session"]


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
            Converter(children=2, module=stand_in.__name__),
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
