"""The viewer and one other person before a meeting: what was said, and what can be said now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from ..meetings.coming import MeetingRow, OwnMeeting, own_titles
from ..people.listing import rows_by_ids
from ..people.person import Person
from ..people.row import PersonRow
from .hello import Hello
from .reasons import NO_REASON, Me, Reason, answer_to, line_to
from .recent import RecentHellos, id_of

State = Literal[
    "ready", "known", "resting", "spent", "hidden", "received", "replied", "said", "answered"
]


@dataclass(frozen=True)
class Greeting:
    """The viewer and one person before one meeting.

    state     what is shown:
      ready     the viewer can say hi
      known     they know each other, and need no button
      resting   an earlier hi of the viewer's is unanswered
      spent     the viewer has said as many hellos as one may in a day
      hidden    the directory hides the viewer, who cannot say hi
      received  the person said hi, and the viewer can answer
      replied   the viewer answered
      said      the viewer said hi
      answered  the person answered
    hello     what one of them said for this meeting
    reason    why to say hi, shown to the viewer alone
    nth       which of the lines for that reason it is
    also      when they meet again, in later meetings of the same page
    kept      the viewer's own line, which they took back
    """

    person: PersonRow
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
    also: tuple[datetime, ...] = ()
    kept: str = ""

    @property
    def line(self) -> str:
        """What the button sends, where there is one."""
        if self.state == "ready":
            return self.kept or line_to(self.person, self.reason, self.nth)
        if self.state == "received" and self.hello:
            return answer_to(self.person, self.hello.text, self.nth)
        return ""

    @property
    def choice(self) -> str:
        """The reason and the line, so that the same are shown when the row is shown alone."""
        return f"{self.reason.kind}.{self.nth}"

    @property
    def id(self) -> str:
        """The same for this person and meeting on every page."""
        return id_of(self.key, self.person.id)


def greeting_of(
    me: Me,
    person: PersonRow,
    meeting: MeetingRow,
    recent: RecentHellos,
    *,
    is_known: bool = False,
    reason: Reason = NO_REASON,
    nth: int = 0,
    also: tuple[datetime, ...] = (),
) -> Greeting:
    """The greeting before a coming meeting. `nth` chooses among the lines for the reason."""
    said = recent.with_person(person.id)
    hello = next((h for h in said if h.meeting_key == meeting.key), None)
    kept = recent.withdrawn.get((person.id, meeting.key), "")
    state: State = "ready"
    if hello:
        state = _state_of(me.id, hello)
    elif is_known:
        state = "known"
    elif me.is_hidden:
        state = "hidden"
    elif recent.is_resting(person.id):
        state = "resting"
    elif recent.is_spent and not kept:
        state = "spent"
    return Greeting(
        person=person,
        key=meeting.key,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        title=meeting.title,
        all_day=meeting.all_day,
        state=state,
        hello=hello,
        reason=reason,
        is_known=is_known,
        nth=me.id + person.id if state == "received" else nth,
        also=also,
        kept=kept,
    )


def _state_of(viewer_id: int, hello: Hello) -> State:
    if hello.sender_id == viewer_id:
        return "answered" if hello.replied_at else "said"
    return "replied" if hello.replied_at else "received"


def of_hellos(
    session: Session,
    viewer: Person,
    hellos: Sequence[Hello],
    people: Mapping[int, PersonRow] | None = None,
    own: Mapping[str, OwnMeeting] | None = None,
) -> list[Greeting]:
    """Hellos as greetings, each with the meeting's title from the viewer's own calendar.

    `people` are the others, by id, and `own` the viewer's meetings, by key, where the caller has
    them already.
    """
    if not hellos:
        return []
    if people is None:
        people = rows_by_ids(session, viewer, (h.other(viewer) for h in hellos))
    if own is None:
        own = own_titles(session, viewer, (h.meeting_key for h in hellos))
    return [
        Greeting(
            person=people[h.other(viewer)],
            key=h.meeting_key,
            starts_at=h.starts_at,
            ends_at=h.ends_at,
            title=own[h.meeting_key].title if h.meeting_key in own else "",
            all_day=h.meeting_key in own and own[h.meeting_key].all_day,
            state=_state_of(viewer.id, h),
            hello=h,
            nth=viewer.id + h.other(viewer),
        )
        for h in hellos
        if h.other(viewer) in people
    ]
