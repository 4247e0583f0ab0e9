"""Guest lists are stored once, however many calendars have the meeting."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from intranet_people.calendars.ics_source import IcsSource
from intranet_people.calendars.source import Attendee
from intranet_people.demo.meetings import write_calendars
from intranet_people.meetings import refresh as agenda
from intranet_people.meetings.guest_lists import Guest, GuestList
from intranet_people.meetings.meeting import Meeting
from intranet_people.people.person import Person

from .diaries import Diaries, Invite, guests_of

Find = Callable[[str], Person]


def count(session: Session, entity: type[Meeting | Guest | GuestList]) -> int:
    return session.scalar(select(func.count()).select_from(entity)) or 0


def test_the_sample_company(session: Session, now: datetime, tmp_path: Path) -> None:
    """It has 1,190 guests on 241 lists; one list for each copy of a meeting were 20,186."""
    assert write_calendars(tmp_path, now) == 120
    source = IcsSource(f"ics+file://{tmp_path}/{{handle}}.ics")
    report = agenda.refresh(session, [source], now)
    assert report.read == 120
    assert count(session, Guest) + count(session, GuestList) <= 1500
    assert count(session, Meeting) > 1000


def test_an_all_hands_has_one_list(
    session: Session, person: Find, diaries: Diaries, invite: Invite
) -> None:
    everybody = session.scalars(select(Person.handle).order_by(Person.id)).all()
    invite(*(handle for handle in everybody if handle))
    assert (count(session, Meeting), count(session, Guest)) == (len(everybody), len(everybody))
    assert count(session, GuestList) == 1


def test_who_changes_their_own_copy_changes_no_others(
    session: Session, person: Find, diaries: Diaries, invite: Invite, now: datetime
) -> None:
    """An invented invitation is in the calendar of whoever invents it, and nowhere else."""
    invite("tomas", "dana")
    rui = person("rui")
    [copy] = diaries.meetings["tomas"]
    invented = Attendee(rui.name, rui.mail)
    changed = type(copy)(**{**vars(copy), "attendees": (*copy.attendees, invented)})
    diaries.meetings["tomas"] = [changed]
    agenda.refresh(session, [diaries], now)
    assert guests_of(session, person("tomas")) == ["tomas", "dana", "rui"]
    assert guests_of(session, person("dana")) == ["tomas", "dana"]


def test_a_list_without_a_meeting_goes(
    session: Session, person: Find, diaries: Diaries, invite: Invite, now: datetime
) -> None:
    invite("tomas", "dana", uid="one")
    invite("tomas", "kenji", uid="two")
    assert count(session, GuestList) == 2
    diaries.meetings = {handle: [] for handle in diaries.meetings}
    invite("tomas", "rui", uid="three")
    assert (count(session, GuestList), count(session, Guest)) == (1, 2)
    diaries.meetings["tomas"], diaries.meetings["rui"] = [], []
    agenda.refresh(session, [diaries], now)


def test_a_list_that_somebody_hidden_was_taken_from_is_not_taken_for_the_old_one(
    session: Session, person: Find, diaries: Diaries, invite: Invite, now: datetime
) -> None:
    invite("tomas", "dana", "kenji")
    dana = person("dana")
    for is_hidden in (True, False, True):
        dana.is_hidden = is_hidden
        session.commit()
        agenda.refresh(session, [diaries], now)
        shown = ["tomas", "kenji"] if is_hidden else ["tomas", "dana", "kenji"]
        assert guests_of(session, person("tomas")) == shown
