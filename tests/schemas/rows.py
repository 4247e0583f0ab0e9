"""A few rows of named people in each table, written through the models of today."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from intranet_people.hellos.hello import Hello
from intranet_people.jobs.lease import Lease
from intranet_people.meetings.guest_lists import Guest, GuestList
from intranet_people.meetings.meeting import Calendar, Meeting
from intranet_people.people import index
from intranet_people.people.follow import Follow
from intranet_people.people.index import index_words
from intranet_people.people.person import Person, SyncState
from intranet_people.photos.photo import Photo
from intranet_people.problems import Problem
from intranet_people.signin.throttle import LoginAttempt
from intranet_people.sync.history import SyncRun
from intranet_people.sync.staged import PhotoSource, StagedPerson
from intranet_people.text import sort_key

THEN = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
NAMES = ("Alice Liddell", "Bob O'Hara", "Dana Whitfield", "Jörg Dreßler", "Ines 黃")
ALICE, BOB, DANA, JOERG, INES = range(1, len(NAMES) + 1)


def write(session: Session) -> None:
    """Commits. Ines was here and is erased: nobody may ever get her number."""
    for number, name in enumerate(NAMES, 1):
        session.add(_person(number, name))
    session.flush()
    for row in _rows():
        session.add(row)
        session.flush()
    if session.get_bind().dialect.name == "postgresql":
        _count_on(session)
    session.delete(session.get_one(Person, INES))
    session.flush()
    _write_index(session)
    session.commit()


NO_NAME, DOWN = Problem("no-name", "cn"), Problem("directory-down", "", "dc1")


def _facts(number: int, name: str) -> dict[str, object]:
    handle = name.split()[0].lower()
    facts = {
        "name": name,
        "given_name": name.split()[0],
        "surname": name.split()[1],
        "sort_key": sort_key(name, *name.split()),
        "title": "Optical Engineer",
        "team": "Optics",
        "office": "Elbe 1.07",
        "city": "Dresden",
        "mail": f"{handle}@northwind.example",
        "dn_key": -number,
        "joined_at": THEN,
        "fingerprint": f"print of {handle}",
    }
    several = {"teams": ["Optics", "Lab"], "phones": ["+49 30 23125 128"], "problems": [NO_NAME]}
    return facts | (several if number == ALICE else {"teams": [], "phones": [], "problems": []})


def _person(number: int, name: str) -> Person:
    handle = name.split()[0].lower()
    return Person(
        id=number,
        directory_id=f"id-{handle}",
        handle=handle,
        manager_id=ALICE if number == BOB else None,
        photo_digest="a1" if number == ALICE else None,
        photo_offered="a1" if number == ALICE else None,
        left_at=THEN if number == JOERG else None,
        entry_digest=b"\x00\xff'",
        extra={"Parking": ["7", "8"]} if number == ALICE else {},
        **_facts(number, name),
    )


def _rows() -> list[object]:
    hour = {"starts_at": THEN, "ends_at": THEN + timedelta(hours=1)}
    pair = {"sender_id": ALICE, "receiver_id": BOB, "low_id": ALICE, "high_id": BOB}
    staged = {"run_id": 9, "directory_id": "id-dana"}
    hi = {"text": "Looking forward; it's about time", "sent_at": THEN, "reply": "Hi back."}
    return [
        SyncState(id=1, run_id=1, checkpoint={"cookie": "x"}, mapping="m", full_at=THEN),
        SyncRun(id=1, started_at=THEN, finished_at=THEN, kind="full", status="done"),
        SyncRun(
            id=2,
            started_at=THEN,
            status="failed",
            reasons=[DOWN],
            problems=[["dana", "", *NO_NAME]],
        ),
        Lease(name="photos", expires_at=THEN),
        StagedPerson(person_id=DANA, **staged, **_facts(DANA, "Dana Whitfield-Moss")),
        PhotoSource(digest="a1", data=b"\xff\xd8", run_id=1),
        Photo(digest="a1", size=64, data=b"RIFF\x00"),
        Follow(follower_id=ALICE, person_id=JOERG, since=THEN),
        Follow(follower_id=BOB, person_id=ALICE, since=THEN),
        Calendar(person_id=ALICE, read_at=THEN, digest="c", problems=[DOWN], mail="a@x.example"),
        GuestList(id=4, digest="d", size=2),
        Meeting(id=7, owner_id=ALICE, key="k", title="Planning; Q3", guest_list_id=4, **hour),
        Guest(list_id=4, position=0, person_id=ALICE),
        Guest(list_id=4, position=1, person_id=None, name="A guest"),
        Hello(id=3, meeting_key="k", **pair, **hour, **hi),
        LoginAttempt(key="digest", count=2, since=THEN),
    ]


def _write_index(session: Session) -> None:
    """The words by which a search finds them."""
    for person in session.scalars(select(Person)).all():
        kinds = (" ".join(sorted(words.split())) for words in index_words(vars(person)))
        index.write(session, [(person.id, *kinds)])  # type: ignore[list-item]


def _count_on(session: Session) -> None:
    """On PostgreSQL, which counts apart from the rows: behind those that are there."""
    for name in ("person", "sync_run", "meeting", "hello"):
        count = "SELECT setval(pg_get_serial_sequence('people_{0}', 'id'), max(id)) FROM people_{0}"
        session.execute(text(count.format(name)))
