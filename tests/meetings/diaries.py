"""Meetings of the sample people, from calendars in memory, and who is kept for each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from intranet_people.calendars.source import (
    Attendee,
    CalendarError,
    CalendarEvent,
    CalendarMissing,
    Owner,
    Reading,
)
from intranet_people.clock import now as current
from intranet_people.hellos.upcoming import UpcomingMeeting, coming_week
from intranet_people.meetings import refresh as agenda
from intranet_people.meetings.guest_lists import Guest, GuestList
from intranet_people.meetings.meeting import Meeting
from intranet_people.people.person import Person, by_handle

Find = Callable[[str], Person]
Invite = Callable[..., CalendarEvent]


class Diaries:
    """A calendar source in memory: what a host may hand in. `broken` cannot be read."""

    def __init__(self) -> None:
        self.meetings: dict[str, list[CalendarEvent]] = {}
        self.broken: set[str] = set()

    def read(self, owner: Owner, start: datetime, end: datetime) -> Reading:
        if owner.handle in self.broken:
            raise CalendarError("the server does not answer")
        if owner.handle not in self.meetings:
            raise CalendarMissing("none")
        found = [m for m in self.meetings[owner.handle] if m.starts_at < end and m.ends_at > start]
        return Reading(tuple(found))


@pytest.fixture
def now() -> datetime:
    """One moment for the whole test."""
    return current()


@pytest.fixture
def person(session: Session) -> Find:
    def find(handle: str) -> Person:
        found = by_handle(session, handle)
        assert found, handle
        return found

    return find


@pytest.fixture
def diaries() -> Diaries:
    return Diaries()


@pytest.fixture
def invite(session: Session, diaries: Diaries, now: datetime, person: Find) -> Invite:
    """Puts a meeting into the diaries of people, by their handles, and reads all diaries."""

    def put(
        *handles: str,
        uid: str = "planning",
        title: str = "Quarterly planning",
        starts_in: timedelta = timedelta(hours=1),
        guests: Sequence[Attendee] = (),
        only_in: Sequence[str] | None = None,
        **fields: Any,
    ) -> CalendarEvent:
        people = [person(h) for h in handles]
        starts_at = now + starts_in
        values: dict[str, Any] = {
            "recurrence_id": "",
            "ends_at": starts_at + timedelta(hours=1),
            "all_day": False,
            "location": "Room Aalto",
            "organizer": None,
        }
        meeting = CalendarEvent(
            uid=uid,
            title=title,
            starts_at=starts_at,
            attendees=(*(Attendee(p.name, p.mail) for p in people), *guests),
            **values | fields,
        )
        for handle in handles if only_in is None else only_in:
            diary = diaries.meetings.setdefault(handle, [])
            diary[:] = [m for m in diary if m.uid != uid] + [meeting]
        agenda.refresh(session, [diaries], now)
        return meeting

    return put


def guests_of(session: Session, owner: Person) -> list[str]:
    """Who is in the owner's one meeting, in order: handles, and names of guests from outside."""
    rows = session.execute(
        select(Person.handle, Guest.name)
        .select_from(Guest)
        .join(Meeting, Meeting.guest_list_id == Guest.list_id)
        .outerjoin(Person, Person.id == Guest.person_id)
        .where(Meeting.owner_id == owner.id)
        .order_by(Guest.position)
    )
    return [handle or name for handle, name in rows]


def sizes(session: Session, *owners: Person) -> list[int]:
    """How many are in each of the owners' meetings, or in each of all, the next first."""
    query = select(GuestList.size).join(Meeting, Meeting.guest_list_id == GuestList.id)
    query = query.where(Meeting.owner_id.in_([o.id for o in owners])) if owners else query
    return list(session.scalars(query.order_by(Meeting.starts_at)))


def as_attendee(person: Person, mail: str = "", partstat: str = "NEEDS-ACTION") -> Attendee:
    return Attendee(person.name, mail or person.mail, partstat)


def upcoming(session: Session, viewer: Person, now: datetime) -> list[UpcomingMeeting]:
    """The viewer's meetings of the coming week."""
    return coming_week(session, viewer, now, ZoneInfo("UTC")).meetings
