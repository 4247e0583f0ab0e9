"""The coming meetings: whom to meet in each, whom the viewer knows, and guests from outside."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..meetings.guest_lists import Guest, GuestList
from ..meetings.meeting import Meeting, coming
from ..people.person import Person
from ..people.visible import visible_to
from .greeting import Greeting, greeting_of
from .hello import COOLDOWN, Hello, in_cooldown, with_people

WEEK = timedelta(days=7)
MANY = 50
SMALL = 12
"""People who were in a meeting of at most this size are taken to have met."""
SHOWN = 200
"""At most so many people of one meeting are loaded for a page."""


@dataclass(frozen=True)
class UpcomingMeeting:
    """A coming meeting: whom to meet, whom the viewer knows, and guests from outside."""

    meeting: Meeting
    to_meet: list[Greeting] = field(default_factory=list)
    known: list[Greeting] = field(default_factory=list)
    guests: list[str] = field(default_factory=list)


def upcoming(
    session: Session,
    viewer: Person,
    now: datetime,
    ahead: timedelta = WEEK,
    limit: int = MANY,
) -> list[UpcomingMeeting]:
    """The viewer's coming meetings, the next first, in four queries however many they are."""
    meetings = coming(session, viewer, now, ahead, limit)
    if not meetings:
        return []
    invited = _invited(session, viewer, {m.guest_list_id for m in meetings})
    ids = {person.id for people in invited.values() for person, _ in people if person}
    hellos: dict[int, list[Hello]] = {}
    for hello in with_people(session, viewer, ids, now - COOLDOWN):
        hellos.setdefault(hello.other(viewer), []).append(hello)
    met = _met(session, viewer, ids, now)
    return [
        _upcoming_meeting(viewer, m, invited.get(m.guest_list_id, ()), hellos, met)
        for m in meetings
    ]


Invited = tuple[Person | None, str]
"""A person whom the viewer may see; or a guest, by name."""


def _invited(
    session: Session, viewer: Person, list_ids: Collection[int]
) -> dict[int, list[Invited]]:
    """Who is invited, by guest list, in order. People who left or are hidden are left out."""
    of = Guest.person_id
    rows = session.execute(
        select(Guest.list_id, of, Guest.name, Person)
        .outerjoin(Person, (Person.id == of) & visible_to(viewer))
        .where(Guest.list_id.in_(list_ids), Guest.position < SHOWN)
        .order_by(Guest.list_id, Guest.position)
    )
    there = (row for row in rows if row.Person or row.person_id is None)
    return {
        list_id: [(row.Person, row.name) for row in some]
        for list_id, some in groupby(there, key=lambda row: row.list_id)
    }


def _met(session: Session, viewer: Person, ids: Collection[int], now: datetime) -> set[int]:
    """Those of `ids` who were in a small meeting of the viewer's that is over."""
    query = (
        select(Guest.person_id)
        .join(GuestList, GuestList.id == Guest.list_id)
        .join(Meeting, Meeting.guest_list_id == GuestList.id)
        .where(Meeting.owner_id == viewer.id, Meeting.ends_at <= now, GuestList.size <= SMALL)
        .where(Guest.person_id.in_(ids))
    )
    return {id for id in session.scalars(query.distinct()) if id is not None}


def _upcoming_meeting(
    viewer: Person,
    meeting: Meeting,
    invited: Sequence[Invited],
    hellos: Mapping[int, Sequence[Hello]],
    met: Collection[int],
) -> UpcomingMeeting:
    ahead = UpcomingMeeting(meeting, guests=list(_guests(invited)))
    for person, _ in invited:
        if person is None or person.id == viewer.id:
            continue
        said = hellos.get(person.id, ())
        hello = next((h for h in said if h.meeting_key == meeting.key), None)
        greeting = greeting_of(meeting, person, hello, hello is None and in_cooldown(said, viewer))
        has_answered = any(h.replied_at for h in said)
        is_known = person.id in met or has_answered or _works_with(viewer, person)
        (ahead.known if is_known and hello is None else ahead.to_meet).append(greeting)
    # People who said hi to the viewer come first.
    ahead.to_meet.sort(key=lambda g: not g.hello or g.hello.sender_id == viewer.id)
    return ahead


def _guests(invited: Sequence[Invited]) -> Iterator[str]:
    return (name for person, name in invited if person is None and name)


def _works_with(viewer: Person, person: Person) -> bool:
    """Whether they have the same manager, or one is the other's: they need no introduction."""
    same = viewer.manager_id is not None and viewer.manager_id == person.manager_id
    return same or person.id == viewer.manager_id or person.manager_id == viewer.id
