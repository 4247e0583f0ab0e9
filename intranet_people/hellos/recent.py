"""The viewer's hellos of the last 30 days, and older ones that still matter: one query a page."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from sqlalchemy import bindparam, case, select
from sqlalchemy.orm import Session

from ..meetings.coming import OWN_COLUMNS, OwnMeeting
from ..meetings.meeting import Meeting
from ..people.person import Person
from ..people.row import COLUMNS, WIDTH, PersonRow
from ..people.visible import VIEWER, visible_to
from .hello import COOLDOWN, MAX_PER_DAY, Hello

LIMIT = 1000
SHOWN = 50
ASKED_FOR = timedelta(days=3)
"""So long after a meeting the two are asked whether they met."""


def id_of(key: str, person_id: int) -> str:
    """Of the greeting with a person before the meeting of that key."""
    return f"{key[:8]}-{person_id}"


@dataclass(frozen=True)
class News:
    """Hellos that wait for the viewer's answer, and answers that the viewer has not seen."""

    ids: tuple[str, ...] = ()
    """The ids of their greetings, at most SHOWN."""
    version: str = ""
    """Changes with each of them."""

    @property
    def count(self) -> int:
        return len(self.ids)

    @classmethod
    def of(cls, rows: Iterable[tuple[int, str, int, datetime, datetime | None]]) -> Self:
        """From the id, the meeting, the other person, and both times of each hello."""
        found = sorted(rows, reverse=True)[:SHOWN]
        ids = tuple(id_of(key, other) for _, key, other, *_ in found)
        digest = hashlib.sha256(repr(found).encode()).hexdigest()[:8]
        return cls(ids, digest if found else "")


@dataclass(frozen=True)
class RecentHellos:
    """What was said between the viewer and each person, the latest first.

    `hellos` has nothing that was withdrawn, and nobody whom the viewer may not see.
    """

    viewer_id: int
    hellos: Sequence[Hello]
    by_person: dict[int, list[Hello]]
    people: dict[int, PersonRow]
    """The other person of each hello, by id."""
    meetings: dict[str, OwnMeeting]
    """Those of the viewer's calendar, by key, before which something was said."""
    withdrawn: dict[tuple[int, str], str]
    """The viewer's own withdrawn lines, by person and meeting: ready to be sent again."""
    said_today: int
    """How many hellos the viewer said in the last 24 hours, with those withdrawn."""

    @property
    def is_spent(self) -> bool:
        """Whether the viewer has said as many hellos as one may in a day."""
        return self.said_today >= MAX_PER_DAY

    def with_person(self, person_id: int) -> list[Hello]:
        return self.by_person.get(person_id, [])

    def has_answered(self, person_id: int) -> bool:
        """Whether one of the two answered the other."""
        return any(h.replied_at for h in self.with_person(person_id))

    def is_resting(self, person_id: int) -> bool:
        """Whether a hi of the viewer's is unanswered, so that they cannot say another yet."""
        mine = (h for h in self.with_person(person_id) if h.sender_id == self.viewer_id)
        return any(h.replied_at is None for h in mine)

    def to_answer(self, now: datetime) -> list[Hello]:
        """Hellos that wait for an answer of the viewer's."""
        return [h for h in self._received() if h.replied_at is None and h.ends_at > now]

    def new_answers(self) -> list[Hello]:
        """Answers that the viewer has not seen on the hellos page."""
        return [
            h
            for h in self.hellos
            if h.sender_id == self.viewer_id and h.replied_at and h.reply_seen_at is None
        ]

    def to_ask(self, now: datetime) -> list[Hello]:
        """Hellos of meetings that ended lately: did the two meet?"""
        return [
            h
            for h in self.hellos
            if h.replied_at
            and h not in self.new_answers()
            and now - ASKED_FOR < h.ends_at <= now
            and h.met_of(self.viewer_id) is None
        ]

    def news(self, now: datetime) -> News:
        new = (*self.to_answer(now), *self.new_answers())
        other = {h.id: id for id, hellos in self.by_person.items() for h in hellos}
        return News.of((h.id, h.meeting_key, other[h.id], h.sent_at, h.replied_at) for h in new)

    def _received(self) -> list[Hello]:
        return [h for h in self.hellos if h.receiver_id == self.viewer_id]


_IS_MINE = Hello.sender_id == VIEWER.id
_OTHER = case((_IS_MINE, Hello.receiver_id), else_=Hello.sender_id)
_IS_UNSEEN = _IS_MINE & Hello.replied_at.is_not(None) & Hello.reply_seen_at.is_(None)
_RECENT = (
    select(*COLUMNS, *OWN_COLUMNS, Hello)
    .select_from(Hello)
    .outerjoin(Person, (Person.id == _OTHER) & visible_to(VIEWER, by_name=True))
    .outerjoin(Meeting, (Meeting.owner_id == VIEWER.id) & (Meeting.key == Hello.meeting_key))
    .where(_IS_MINE | (Hello.receiver_id == VIEWER.id))
    .where((Hello.sent_at > bindparam("since")) | (Hello.ends_at > bindparam("now")) | _IS_UNSEEN)
    .order_by(Hello.sent_at.desc(), Hello.id.desc())
    .limit(LIMIT)
)


def recent_hellos(session: Session, viewer: Person, now: datetime) -> RecentHellos:
    values = {"viewer_id": viewer.id, "since": now - COOLDOWN, "now": now}
    rows = session.execute(_RECENT, values).all()
    people = {row[0]: PersonRow(*row[:WIDTH]) for row in rows if row[0] is not None}
    own = [OwnMeeting(*row[WIDTH:-1]) for row in rows if row[WIDTH] is not None]
    mine = [h for *_, h in rows if h.sender_id == viewer.id]
    hellos = [h for *_, h in rows if h.other(viewer) in people and not h.withdrawn_at]
    by_person: dict[int, list[Hello]] = {}
    for hello in hellos:
        by_person.setdefault(hello.other(viewer), []).append(hello)
    return RecentHellos(
        viewer_id=viewer.id,
        hellos=hellos,
        by_person=by_person,
        people=people,
        meetings={meeting.key: meeting for meeting in own},
        withdrawn={(h.receiver_id, h.meeting_key): h.text for h in mine if h.withdrawn_at},
        said_today=sum(h.sent_at > now - timedelta(days=1) for h in mine),
    )
