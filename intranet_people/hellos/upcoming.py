"""What a page shows of the coming meetings: whom to meet, and whom one knows, in one question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import CompoundSelect, Row, Select, case, func, or_, select
from sqlalchemy.orm import Session, load_only

from ..meetings.meeting import Attendance, Meeting
from ..people.person import Person, Who, another
from .greeting import Greeting, greeting_of
from .hello import Hello, is_recent

WEEK = timedelta(days=7)
MANY = 50
SMALL = 12
"""In a meeting of at most so many people, those who were there have met."""
SHOWN = 200
"""Of a meeting's people, so many are ever looked at for one page."""

SEEN = (
    *(Person.handle, Person.name, Person.given_name, Person.surname, Person.title, Person.team),
    *(Person.city, Person.photo_digest, Person.manager_id, Person.left_at),
)
"""Of the many of a large meeting; all else is loaded where somebody asks for it."""


@dataclass(frozen=True)
class UpcomingMeeting:
    """A coming meeting: whom to meet, whom the viewer knows, and guests from outside."""

    meeting: Meeting
    to_meet: list[Greeting] = field(default_factory=list)
    known: list[Greeting] = field(default_factory=list)
    guests: list[str] = field(default_factory=list)


def upcoming(
    session: Session, who: Who, now: datetime, ahead: timedelta = WEEK, limit: int = MANY
) -> tuple[Person | None, list[UpcomingMeeting]]:
    """The viewer, and their coming meetings, the next first; None where they are nobody."""
    rows = session.execute(_question(who, now, ahead, limit)).all()
    if not rows:
        return None, []
    viewer = rows[0].viewer
    by_meeting = groupby((row for row in rows if row.own_id), key=lambda row: row.own_id)
    return viewer, [_upcoming_meeting(viewer, list(invited)) for _, invited in by_meeting]


def _question(who: Who, now: datetime, ahead: timedelta, limit: int) -> Select[Any]:
    """A row for each who is invited: their person, what was said before this meeting, and whether
    the viewer has met them or waits for an answer of theirs.

    The viewer and the meeting are in the first row of each meeting alone: in all of them they
    would be most of what is read.
    """
    me, own, of = another(Person, "me"), another(Meeting, "own"), Attendance.person_id
    viewer = another(Person, "viewer")
    is_first = func.coalesce(Attendance.position, 0) == 0
    said = (
        (Hello.low_id == case((me.id < of, me.id), else_=of))
        & (Hello.high_id == case((me.id < of, of), else_=me.id))
        & (Hello.meeting_key == own.key)
        & is_recent(now)
    )
    return (
        select(own.id.label("own_id"), viewer, Meeting, Attendance.position, Attendance.name)
        .add_columns(Person, Hello)
        .add_columns(of.in_(_met(who, now)).label("is_met"))
        .add_columns(of.in_(_in_cooldown(who, now)).label("in_cooldown"))
        .select_from(me)
        .outerjoin(own, own.id.in_(_coming(who, now, ahead, limit)))
        .outerjoin(Attendance, (Attendance.meeting_id == own.id) & (Attendance.position < SHOWN))
        .outerjoin(viewer, (viewer.id == me.id) & is_first)
        .outerjoin(Meeting, (Meeting.id == own.id) & is_first)
        .outerjoin(Person, Person.id == of)
        .outerjoin(Hello, said)
        .where(me.id == who)
        .options(load_only(*SEEN))
        .order_by(own.starts_at, own.id, Attendance.position)
    )


def _coming(who: Who, now: datetime, ahead: timedelta, limit: int) -> Select[Any]:
    """Those that are not over and begin within `ahead`."""
    soon = another(Meeting, "soon")
    query = select(soon.id).where(
        soon.owner_id == who, soon.ends_at > now, soon.starts_at < now + ahead
    )
    return query.order_by(soon.starts_at, soon.id).limit(limit)


def _met(who: Who, now: datetime) -> CompoundSelect[Any]:
    """Those of the viewer's small meetings that are over, and those who answered or were."""
    past, there = another(Meeting, "past"), another(Attendance, "there")
    hello = another(Hello, "earlier")
    in_a_meeting = (
        select(there.person_id)
        .join(past, past.id == there.meeting_id)
        .where(past.owner_id == who, past.ends_at <= now, past.size <= SMALL)
        .where(there.person_id.is_not(None))
    )
    other = case((hello.sender_id == who, hello.receiver_id), else_=hello.sender_id)
    ours = or_(hello.sender_id == who, hello.receiver_id == who)
    return in_a_meeting.union(
        select(other).where(ours, hello.replied_at.is_not(None), is_recent(now, hello))
    )


def _in_cooldown(who: Who, now: datetime) -> Select[Any]:
    """Those who have not answered a hi of the viewer's."""
    hello = another(Hello, "waiting")
    mine = (hello.sender_id == who) & hello.replied_at.is_(None)
    return select(hello.receiver_id).where(mine, is_recent(now, hello))


def _upcoming_meeting(viewer: Person, rows: Sequence[Row[Any]]) -> UpcomingMeeting:
    meeting = rows[0].Meeting
    ahead = UpcomingMeeting(meeting)
    for row in rows:
        person = row.Person
        if row.position is None:
            continue  # nobody is invited
        if person is None:
            ahead.guests.extend([row.name] if row.name else [])
        elif person.id != viewer.id and person.is_active:
            is_known = row.Hello is None and (row.is_met or _works_with(viewer, person))
            in_cooldown = row.Hello is None and bool(row.in_cooldown)
            greeting = greeting_of(meeting, person, row.Hello, in_cooldown)
            (ahead.known if is_known else ahead.to_meet).append(greeting)
    # Who wrote to me comes first, then who is there to be greeted.
    ahead.to_meet.sort(key=lambda g: not g.hello or g.hello.sender_id == viewer.id)
    return ahead


def _works_with(viewer: Person, person: Person) -> bool:
    """Who has the same manager, or is one's manager or report, needs no introduction."""
    same = viewer.manager_id is not None and viewer.manager_id == person.manager_id
    return same or person.id == viewer.manager_id or person.manager_id == viewer.id
