"""What a page shows of the meetings: whom to meet, and how far the two have come."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from ..people.person import Person, by_ids
from .hello import REST, Hello, resting, with_people
from .meeting import Meeting, coming, invited, met_among, next_shared, own_meetings

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Greeting:
    """The viewer and one person before one meeting.

    `hello` is what was said for this meeting, by either; `is_resting` that an earlier one
    waits for its answer, so that no other is due.
    """

    person: Person
    key: str
    starts_at: datetime
    ends_at: datetime
    title: str = ""
    all_day: bool = False
    hello: Hello | None = None
    is_resting: bool = False


@dataclass(frozen=True)
class Gathering:
    """A coming meeting: whom to meet, whom the viewer knows, and guests from outside."""

    meeting: Meeting
    to_meet: list[Greeting] = field(default_factory=list)
    known: list[Greeting] = field(default_factory=list)
    guests: list[str] = field(default_factory=list)


def gatherings(
    session: Session, viewer: Person, now: datetime, ahead: timedelta = WEEK
) -> list[Gathering]:
    """The viewer's coming meetings; a constant number of queries, however many there are."""
    meetings = coming(session, viewer, now, ahead)
    by_meeting = invited(session, meetings)
    ids = {p.id for people in by_meeting.values() for _, p in people if p} - {viewer.id}
    hellos = with_people(session, viewer, ids, now - REST)
    by_pair = {(h.other(viewer), h.meeting_key): h for h in hellos}
    met = met_among(session, viewer, ids, now) | {h.other(viewer) for h in hellos if h.replied_at}
    rest = {h.receiver_id for h in hellos if h.sender_id == viewer.id and not h.replied_at}
    return [_gathering(m, by_meeting[m.id], viewer, by_pair, met, rest) for m in meetings]


def greeting_with(
    session: Session, viewer: Person, person: Person, meeting: Meeting, now: datetime
) -> Greeting:
    """The greeting with one person, as after an action."""
    hellos = with_people(session, viewer, [person.id], now - REST)
    hello = next((h for h in hellos if h.meeting_key == meeting.key), None)
    return _greeting(meeting, person, hello, hello is None and resting(hellos, viewer))


def next_greeting(
    session: Session, viewer: Person, person: Person, now: datetime
) -> Greeting | None:
    """The greeting with `person` before the next meeting that they share with the viewer."""
    meeting = None if person.id == viewer.id else next_shared(session, viewer, person, now)
    return greeting_with(session, viewer, person, meeting, now) if meeting else None


def of_hellos(session: Session, viewer: Person, hellos: Sequence[Hello]) -> list[Greeting]:
    """A list of hellos as greetings, each with the title of the viewer's own calendar."""
    people = by_ids(session, (h.other(viewer) for h in hellos))
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
    ]


def _gathering(
    meeting: Meeting,
    invited: Iterable[tuple[str, Person | None]],
    viewer: Person,
    by_pair: dict[tuple[int, str], Hello],
    met: set[int],
    rest: set[int],
) -> Gathering:
    gathering = Gathering(meeting)
    for name, person in invited:
        if person is None:
            gathering.guests.extend([name] if name else [])
        elif person.id != viewer.id:
            hello = by_pair.get((person.id, meeting.key))
            is_known = hello is None and (person.id in met or _works_with(viewer, person))
            is_resting = hello is None and person.id in rest
            greeting = _greeting(meeting, person, hello, is_resting)
            (gathering.known if is_known else gathering.to_meet).append(greeting)
    # Who wrote to me comes first, then who is there to be greeted.
    gathering.to_meet.sort(key=lambda g: not g.hello or g.hello.sender_id == viewer.id)
    return gathering


def _works_with(viewer: Person, person: Person) -> bool:
    """Who has the same manager, or is one's manager or report, needs no introduction."""
    same = viewer.manager_id is not None and viewer.manager_id == person.manager_id
    return same or person.id == viewer.manager_id or person.manager_id == viewer.id


def _greeting(meeting: Meeting, person: Person, hello: Hello | None, is_resting: bool) -> Greeting:
    return Greeting(
        person=person,
        key=meeting.key,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        title=meeting.title,
        all_day=meeting.all_day,
        hello=hello,
        is_resting=is_resting,
    )
