"""The viewer's hellos of the last 30 days, and older ones that still matter: one query a page."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from ..meetings.meeting import Meeting
from ..people.person import Person
from ..people.visible import visible_to
from .hello import COOLDOWN, MAX_PER_DAY, Hello

LIMIT = 1000
SHOWN = 50
ASKED_FOR = timedelta(days=3)
"""So long after a meeting the two are asked whether they met."""


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
        ids = tuple(f"{key[:8]}-{other}" for _, key, other, *_ in found)
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
    people: dict[int, Person]
    """The other person of each hello, by id."""
    meetings: dict[str, Meeting]
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


def recent_hellos(session: Session, viewer: Person, now: datetime) -> RecentHellos:
    is_mine = Hello.sender_id == viewer.id
    is_unseen = is_mine & Hello.replied_at.is_not(None) & Hello.reply_seen_at.is_(None)
    other = case((is_mine, Hello.receiver_id), else_=Hello.sender_id)
    seen = (Person.id == other) & visible_to(viewer, by_name=True)
    in_calendar = (Meeting.owner_id == viewer.id) & (Meeting.key == Hello.meeting_key)
    query = (
        select(Hello, Person, Meeting)
        .select_from(Hello)
        .outerjoin(Person, seen)
        .outerjoin(Meeting, in_calendar)
        .where(is_mine | (Hello.receiver_id == viewer.id))
        .where((Hello.sent_at > now - COOLDOWN) | (Hello.ends_at > now) | is_unseen)
        .order_by(Hello.sent_at.desc(), Hello.id.desc())
        .limit(LIMIT)
    )
    rows = session.execute(query).all()
    mine = [h for h, *_ in rows if h.sender_id == viewer.id]
    hellos = [h for h, person, _ in rows if person and not h.withdrawn_at]
    by_person: dict[int, list[Hello]] = {}
    for hello in hellos:
        by_person.setdefault(hello.other(viewer), []).append(hello)
    return RecentHellos(
        viewer_id=viewer.id,
        hellos=hellos,
        by_person=by_person,
        people={person.id: person for _, person, _ in rows if person},
        meetings={meeting.key: meeting for *_, meeting in rows if meeting},
        withdrawn={(h.receiver_id, h.meeting_key): h.text for h in mine if h.withdrawn_at},
        said_today=sum(h.sent_at > now - timedelta(days=1) for h in mine),
    )
