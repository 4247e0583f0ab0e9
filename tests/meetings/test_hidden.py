"""An attendee who is hidden is nobody: in no guest list, by no name, and not counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from threading import Thread

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from intranet_people.calendars.source import Attendee, CalendarError, Owner, Reading
from intranet_people.clock import now as current
from intranet_people.hellos.upcoming import upcoming
from intranet_people.jobs.lease import LeaseHandle
from intranet_people.meetings import refresh as agenda
from intranet_people.meetings.guests import Guest, GuestList
from intranet_people.meetings.invitees import drop_hidden
from intranet_people.meetings.meeting import Calendar
from intranet_people.people.person import Person
from intranet_people.sync.erase import erase_leavers

from ..client import Browser
from .diaries import Diaries, Invite
from .test_refresh import as_attendee, guests_of, sizes

Find = Callable[[str], Person]
OF_DANA = ("dana", "whitfield")


def hide(session: Session, *people: Person, is_hidden: bool = True) -> None:
    for person in people:
        person.is_hidden = is_hidden
    session.commit()


@pytest.fixture
def dana(session: Session, person: Find) -> Person:
    """Dana Whitfield, who is hidden."""
    found = person("dana")
    hide(session, found)
    return found


def of_tomas(session: Session, person: Find) -> tuple[list[str], int]:
    """Who is in Tomás' one meeting, and how many that are."""
    tomas = person("tomas")
    [size] = sizes(session, tomas)
    return guests_of(session, tomas), size


def names_of_all(session: Session) -> str:
    """What is kept of all attendees of all meetings."""
    return " ".join(session.scalars(select(Guest.name))).lower()


@pytest.mark.parametrize("role", ["attendee", "organizer", "both"])
def test_is_left_out(
    session: Session, person: Find, invite: Invite, dana: Person, role: str
) -> None:
    fields = {} if role == "attendee" else {"organizer": as_attendee(dana)}
    guests = [] if role == "organizer" else [as_attendee(dana, dana.mail.upper())]
    invite("tomas", "kenji", guests=guests, **fields)
    assert of_tomas(session, person) == (["tomas", "kenji"], 2)
    assert "dana" not in names_of_all(session)


def test_by_an_address_that_the_directory_does_not_tell(
    session: Session, person: Find, invite: Invite, dana: Person
) -> None:
    """Calendars know people by further addresses, and name them."""
    others = [
        Attendee("Dana Whitfield", "d.whitfield@northwind-alumni.example"),
        Attendee("Whitfield, Dana", "whitfield.d@northwind.example"),
        Attendee("DANA WHITFIELD", None),
        Attendee("", "dana.whitfield@northwind-alumni.example"),
    ]
    invite("tomas", "kenji", guests=[*others, Attendee("Dana Scully", "scully@fbi.example")])
    assert of_tomas(session, person) == (["tomas", "kenji", "Dana Scully"], 3)


@pytest.mark.parametrize(
    ("name", "mail"),
    [
        ("Whitfield, Dana (Legal)", "d.w@alumni.example"),
        ("Dana Whitfield (HR)", None),
        ("dana.whitfield@northwind-alumni.example", "dw@alumni.example"),
        ("", "dana@northwind-alumni.example"),
        ("D. W.", "dana-whitfield@alumni.example"),
        ("Dr. Dana M. Whitfield", "dmw@alumni.example"),
        ("@Dana Whitfield", None),
        ("dw@x.example (Dana Whitfield)", None),
        ("DanaWhitfield", None),
        ("D. W.", "danawhitfield@alumni.example"),
        ("", "dana+calendar@her-own.example"),
        ("dana (Legal)", None),
        ("Dana Whitfield", None),
    ],
)
def test_by_a_name_that_is_written_another_way(
    session: Session, person: Find, invite: Invite, dana: Person, name: str, mail: str | None
) -> None:
    invite("tomas", "kenji", guests=[Attendee(name, mail)])
    assert of_tomas(session, person) == (["tomas", "kenji"], 2)


@pytest.mark.parametrize(
    ("given_name", "surname", "name"),
    [
        ("Conor", "O'Brien", "Conor OBrien"),
        ("Conor", "O'Brien", "O Brien, Conor"),
        ("Conor", "O'Brien", "Conor O'Brien-Smith"),
        ("Conor", "O’Brien", "Conor OBrien"),
        ("Anna‐Lena", "Kurz", "Annalena Kurz"),
        ("Jörg", "Müller", "Joerg Mueller"),
        ("Joerg", "Mueller", "Jörg Müller"),
        ("Søren", "Krogh", "Soeren Krogh"),
        ("太郎", "山田", "山田太郎"),
        ("太郎", "山田", "山田 太郎 (法务)"),
        ("小明", "王", "王小明（法务）"),
        ("", "Suharto", "Suharto (Legal)"),
    ],
)
def test_by_a_name_in_another_spelling(
    session: Session,
    person: Find,
    invite: Invite,
    dana: Person,
    given_name: str,
    surname: str,
    name: str,
) -> None:
    dana.name = f"{given_name} {surname}".strip()
    dana.given_name, dana.surname = given_name, surname
    session.commit()
    invite("tomas", "kenji", guests=[Attendee(name, "c@alumni.example")])
    assert of_tomas(session, person) == (["tomas", "kenji"], 2)


def test_guests_who_have_one_word_in_common_with_them_are_guests(
    session: Session, person: Find, invite: Invite, dana: Person
) -> None:
    guests = [
        Attendee("Dana Scully", "dana@fbi.example"),
        Attendee("Whitfield", "office@whitfield.example"),
        Attendee("", "anna.whitfield@hotel.example"),
        Attendee("J. R. Ewing", "jr@hotel.example"),
    ]
    dana.handle = "j-r"
    session.commit()
    invite("tomas", "kenji", guests=guests)
    names = ["Dana Scully", "Whitfield", "anna.whitfield", "J. R. Ewing"]
    assert of_tomas(session, person)[0][2:] == names


def test_an_address_that_they_share_is_nobodys(
    session: Session, person: Find, invite: Invite, dana: Person
) -> None:
    """It may be theirs, and the name beside it as well."""
    rui = person("rui")
    rui.mail = dana.mail
    session.commit()
    invite("tomas", "kenji", guests=[Attendee("D. W.", dana.mail.upper())])
    assert of_tomas(session, person) == (["tomas", "kenji"], 2)


def test_who_has_left_hidden_is_nobody_still(
    session: Session, person: Find, invite: Invite, dana: Person
) -> None:
    dana.left_at = current()
    session.commit()
    invite("tomas", "kenji", guests=[Attendee("D. W.", dana.mail)])
    assert of_tomas(session, person) == (["tomas", "kenji"], 2)


def test_whoever_has_their_address_now_is_somebody(
    session: Session, person: Find, invite: Invite, dana: Person
) -> None:
    rui = person("rui")
    dana.left_at, rui.mail = current(), dana.mail
    session.commit()
    invite("tomas", "rui")
    assert of_tomas(session, person) == (["tomas", "rui"], 2)


def test_becomes_nobody_at_once_and_is_back_with_the_calendars(
    session: Session, person: Find, invite: Invite, diaries: Diaries, now: datetime, tomas: Browser
) -> None:
    invite("tomas", "dana", "kenji")
    assert "Dana" in tomas.get("/people/").text
    hide(session, person("dana"))
    # Before any calendar is read again.
    page = tomas.get("/people/").text
    assert "Quarterly planning" in page
    assert [name for name in OF_DANA if name in page.lower()] == []
    [ahead] = upcoming(session, person("tomas"), now)
    assert [g.person.handle for g in (*ahead.to_meet, *ahead.known)] == ["kenji"]
    assert ahead.guests == []

    report = agenda.refresh(session, [diaries], now)
    assert report.changed == 3
    assert of_tomas(session, person) == (["tomas", "kenji"], 2)
    assert agenda.refresh(session, [diaries], now).changed == 0

    hide(session, person("dana"), is_hidden=False)
    agenda.refresh(session, [diaries], now)
    assert of_tomas(session, person) == (["tomas", "dana", "kenji"], 3)


def test_a_guest_by_name_is_nobody_as_soon_as_they_are_hidden(
    session: Session, person: Find, invite: Invite, diaries: Diaries, now: datetime
) -> None:
    """Also where the calendar, which has another address of theirs, cannot be read any more."""
    invite("tomas", "kenji", guests=[Attendee("Whitfield, Dana (Legal)", "d.w@alumni.example")])
    assert of_tomas(session, person)[1] == 3
    hide(session, person("dana"))
    drop_hidden(session)
    session.commit()
    assert of_tomas(session, person) == (["tomas", "kenji"], 2)

    hide(session, person("dana"), is_hidden=False)
    agenda.refresh(session, [diaries], now)
    assert of_tomas(session, person)[1] == 3
    hide(session, person("dana"))
    agenda.refresh(session, [Failing()], now)
    assert of_tomas(session, person) == (["tomas", "kenji"], 2)


def test_is_left_out_of_what_is_being_read_as_they_are_hidden(
    session: Session, person: Find, invite: Invite, diaries: Diaries, now: datetime
) -> None:
    guest = Attendee("Whitfield, Dana (Legal)", "d.w@alumni.example")

    class Hiding(Diaries):
        def read(self, owner: Owner, start: datetime, end: datetime) -> Reading:
            if not person("dana").is_hidden:
                hide(session, person("dana"))
                drop_hidden(session)
                session.commit()
            return diaries.read(owner, start, end)

    invite("tomas", "kenji", guests=[guest])
    diaries.meetings["tomas"] = [replace(m, title="Moved") for m in diaries.meetings["tomas"]]
    agenda.refresh(session, [Hiding()], now)
    assert of_tomas(session, person) == (["tomas", "kenji"], 2)


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_who_hides_and_who_reads_a_calendar_do_not_wait_for_each_other(
    session: Session, person: Find, invite: Invite, now: datetime
) -> None:
    """Both lock the calendar before its guest lists."""
    invite("tomas", "dana", "kenji")
    hide(session, person("dana"))
    bind = session.get_bind()
    list_id = session.scalars(select(GuestList.id)).one()
    failures = list[BaseException]()

    def drop() -> None:
        try:
            with Session(bind) as own:
                drop_hidden(own)
                own.commit()
        except BaseException as e:
            failures.append(e)

    with Session(bind) as reading:
        reading.execute(update(Calendar).values(read_at=now))
        dropping = Thread(target=drop)
        dropping.start()
        waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        while not session.scalar(waiting):
            session.rollback()
            assert dropping.is_alive()
        # As the foreign key of a new meeting does.
        locked = select(GuestList.id).where(GuestList.id == list_id)
        reading.execute(locked.with_for_update(key_share=True, read=True)).all()
        reading.commit()
    dropping.join()
    session.rollback()
    assert failures == []
    assert of_tomas(session, person) == (["tomas", "kenji"], 2)


def test_has_a_calendar_as_everybody(
    session: Session, person: Find, invite: Invite, dana: Person, now: datetime
) -> None:
    invite("dana", "tomas")
    [ahead] = upcoming(session, dana, now)
    assert [g.person.handle for g in (*ahead.to_meet, *ahead.known)] == ["tomas"]


class Failing(Diaries):
    """Whose errors name the file, as those of calendar files do."""

    def read(self, owner: Owner, start: datetime, end: datetime) -> Reading:
        raise CalendarError(f"{owner.handle}_1.ics, of {owner.mail}, could not be read")


def test_is_named_to_operators_by_their_id(
    session: Session, person: Find, dana: Person, now: datetime
) -> None:
    report = agenda.refresh(session, [Failing()], now)
    for problems in (report.problems, agenda.calendar_problems(session)):
        told = {who: str(problem) for who, problem in problems}
        assert told["kenji"] == f"kenji_1.ics, of {person('kenji').mail}, could not be read"
        id = dana.directory_id
        assert told[id] == f"{id}_1.ics, of {id}, could not be read"
        assert [name for name in OF_DANA if name in str(problems).lower()] == []


def test_what_was_kept_of_them_goes_when_they_are_erased(
    session: Session, person: Find, invite: Invite, diaries: Diaries, now: datetime
) -> None:
    """A leaver is a guest by name from then on; who was hidden is nobody."""
    invite("tomas", "dana", "kenji")
    dana, kenji = person("dana"), person("kenji")
    name = kenji.name
    hide(session, dana)
    for leaver in (dana, kenji):
        leaver.left_at = now - timedelta(days=31)
    session.commit()
    assert erase_leavers(session, LeaseHandle(session, "sync"), timedelta(days=30)) == 2
    [ahead] = upcoming(session, person("tomas"), now)
    assert ahead.guests == [name]
    assert "dana" not in names_of_all(session)
    agenda.refresh(session, [diaries], now)
    assert of_tomas(session, person) == (["tomas", name], 2)


def test_of_them_only_the_names_are_left_when_they_are_erased(
    session: Session, person: Find, now: datetime
) -> None:
    """By which calendars go on naming them."""
    dana = person("dana")
    hide(session, dana)
    dana.left_at, dana.photo_digest, dana.extra = (
        now - timedelta(days=31),
        "f" * 64,
        {"Room": ["1"]},
    )
    session.commit()
    erase = partial(erase_leavers, session, LeaseHandle(session, "sync"), timedelta(days=30))
    assert (erase(), erase()) == (1, 0)
    session.refresh(dana)
    columns = {c.name: getattr(dana, c.name) for c in Person.__table__.columns}
    assert {name for name, value in columns.items() if value} == {
        *("id", "directory_id", "handle", "name", "given_name", "surname", "sort_key", "mail"),
        *("is_hidden", "left_at", "joined_at", "dn_key"),
    }
