"""The viewer and one other person before a meeting: what was said, and what can be said now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from ..meetings.meeting import Meeting, own_meetings
from ..people.person import Person
from ..people.visible import visible_by_ids
from .hello import Hello
from .reasons import NO_REASON, Reason, answer_to, line_to
from .recent import RecentHellos

State = Literal[
    "ready", "known", "resting", "spent", "hidden", "received", "replied", "said", "answered"
]


@dataclass(frozen=True)
class Greeting:
    """The viewer and one person before one meeting.

    state     what is shown:
      ready     the viewer can say hi; `line` is what the button sends
      known     they know each other, and need no button
      resting   an earlier hi of the viewer's is unanswered
      spent     the viewer has said as many hellos as one may in a day
      hidden    the directory hides the viewer, who cannot say hi
      received  the person said hi; `line` is an answer, ready to be sent
      replied   the viewer answered
      said      the viewer said hi
      answered  the person answered
    hello     what one of them said for this meeting
    reason    why to say hi, shown to the viewer alone
    nth       which of the lines for that reason it is
    also      when they meet again, in later meetings of the same page
    """

    person: Person
    key: str
    starts_at: datetime
    ends_at: datetime
    title: str = ""
    all_day: bool = False
    state: State = "ready"
    hello: Hello | None = None
    reason: Reason = NO_REASON
    is_known: bool = False
    nth: int = 0
    line: str = ""
    also: tuple[datetime, ...] = ()

    @property
    def choice(self) -> str:
        """The reason and the line, so that the same are shown when the row is shown alone."""
        return f"{self.reason.kind}.{self.nth}"

    @property
    def id(self) -> str:
        """The same for this person and meeting on every page."""
        return f"{self.key[:8]}-{self.person.id}"


def greeting_of(
    viewer: Person,
    person: Person,
    meeting: Meeting,
    recent: RecentHellos,
    *,
    is_known: bool = False,
    reason: Reason = NO_REASON,
    nth: int = 0,
) -> Greeting:
    """The greeting before a coming meeting. `nth` chooses among the lines for the reason."""
    hello = next((h for h in recent.with_person(person.id) if h.meeting_key == meeting.key), None)
    greeting = Greeting(
        person=person,
        key=meeting.key,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        title=meeting.title,
        all_day=meeting.all_day,
        reason=reason,
        is_known=is_known,
        nth=nth,
    )
    if hello:
        return _with_hello(greeting, viewer, hello)
    state: State = "ready"
    if is_known:
        state = "known"
    elif viewer.is_hidden:
        state = "hidden"
    elif recent.is_resting(person.id):
        state = "resting"
    elif recent.is_spent and (person.id, meeting.key) not in recent.withdrawn:
        state = "spent"
    mine = recent.withdrawn.get((person.id, meeting.key))
    line = mine or line_to(person, reason, nth)
    return replace(greeting, state=state, line=line if state == "ready" else "")


def _with_hello(greeting: Greeting, viewer: Person, hello: Hello) -> Greeting:
    is_mine = hello.sender_id == viewer.id
    state: State = "said" if is_mine else "received"
    if hello.replied_at:
        state = "answered" if is_mine else "replied"
    line = answer_to(viewer, greeting.person, hello.text) if state == "received" else ""
    return replace(greeting, state=state, hello=hello, line=line)


def of_hellos(
    session: Session,
    viewer: Person,
    hellos: Sequence[Hello],
    people: dict[int, Person] | None = None,
    own: Mapping[str, Meeting] | None = None,
) -> list[Greeting]:
    """Hellos as greetings, each with the meeting's title from the viewer's own calendar.

    `people` are the others, by id, and `own` the viewer's meetings, by key, where the caller has
    them already.
    """
    if not hellos:
        return []
    if people is None:
        people = visible_by_ids(session, viewer, (h.other(viewer) for h in hellos))
    if own is None:
        own = own_meetings(session, viewer, (h.meeting_key for h in hellos))
    return [
        _with_hello(
            Greeting(
                person=people[h.other(viewer)],
                key=h.meeting_key,
                starts_at=h.starts_at,
                ends_at=h.ends_at,
                title=own[h.meeting_key].title if h.meeting_key in own else "",
                all_day=h.meeting_key in own and own[h.meeting_key].all_day,
            ),
            viewer,
            h,
        )
        for h in hellos
        if h.other(viewer) in people
    ]
