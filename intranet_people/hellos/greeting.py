"""The viewer and one other person before a meeting: what has been said so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from ..meetings.meeting import Meeting, next_shared, own_meetings
from ..people.person import Person
from ..people.visible import visible_by_ids
from .hello import COOLDOWN, Hello, in_cooldown, with_people


@dataclass(frozen=True)
class Greeting:
    """The viewer and one person before one meeting.

    `hello` is what either of them said for this meeting. `in_cooldown` means that an earlier hi of
    the viewer's is unanswered, so that they cannot say another yet.
    """

    person: Person
    key: str
    starts_at: datetime
    ends_at: datetime
    title: str = ""
    all_day: bool = False
    hello: Hello | None = None
    in_cooldown: bool = False


def greeting_with(
    session: Session, viewer: Person, person: Person, meeting: Meeting, now: datetime
) -> Greeting:
    """The greeting with one person, for example after an action."""
    hellos = with_people(session, viewer, [person.id], now - COOLDOWN)
    hello = next((h for h in hellos if h.meeting_key == meeting.key), None)
    return greeting_of(meeting, person, hello, hello is None and in_cooldown(hellos, viewer))


def next_greeting(
    session: Session, viewer: Person, person: Person, now: datetime
) -> Greeting | None:
    """The greeting with `person` before the next meeting that they share with the viewer."""
    meeting = None if person.id == viewer.id else next_shared(session, viewer, person, now)
    return greeting_with(session, viewer, person, meeting, now) if meeting else None


def of_hellos(session: Session, viewer: Person, hellos: Sequence[Hello]) -> list[Greeting]:
    """Hellos as greetings, each with the meeting's title from the viewer's own calendar."""
    people = visible_by_ids(session, viewer, (h.other(viewer) for h in hellos))
    own = own_meetings(session, viewer, (h.meeting_key for h in hellos))
    return [
        Greeting(
            person=people[h.other(viewer)],
            key=h.meeting_key,
            starts_at=h.starts_at,
            ends_at=h.ends_at,
            title=own[h.meeting_key].title if h.meeting_key in own else "",
            hello=h,
        )
        for h in hellos
        if h.other(viewer) in people
    ]


def greeting_of(
    meeting: Meeting, person: Person, hello: Hello | None, in_cooldown: bool
) -> Greeting:
    return Greeting(
        person=person,
        key=meeting.key,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        title=meeting.title,
        all_day=meeting.all_day,
        hello=hello,
        in_cooldown=in_cooldown,
    )
