"""The hellos that the viewer received and sent, and which of them are news.

Hellos with somebody whom the viewer may not see are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, case, select, update
from sqlalchemy.orm import Session, aliased

from ..people.person import Person
from ..people.row import WIDTH, PersonRow, columns_of
from ..people.visible import visible_to
from .greeting import Greeting
from .hello import Hello
from .recent import SHOWN, News

_OTHER = aliased(Person)
Viewer = Person | type[Person]
"""The viewer, or the `Person` entity of a larger query that selects them."""


@dataclass(frozen=True)
class Group:
    """Hellos of one meeting, the latest first."""

    key: str
    greetings: list[Greeting]

    @property
    def first(self) -> Greeting:
        """Its meeting is that of all."""
        return self.greetings[0]

    @property
    def to_answer(self) -> list[Greeting]:
        return [g for g in self.greetings if g.state == "received"]

    @property
    def answered(self) -> list[Greeting]:
        return [g for g in self.greetings if g.state == "replied"]


def by_meeting(greetings: Sequence[Greeting]) -> list[Group]:
    """The greetings of each meeting together, those with the latest hello first."""
    groups: dict[str, list[Greeting]] = {}
    for greeting in greetings:
        groups.setdefault(greeting.key, []).append(greeting)
    return [Group(key, some) for key, some in groups.items()]


class Inbox(NamedTuple):
    """What was said to the viewer and by them, the latest first; and the others, by id."""

    received: list[Hello]
    sent: list[Hello]
    people: dict[int, PersonRow]


def inbox_of(session: Session, viewer: Person, now: datetime) -> Inbox:
    """Unanswered, a hello fades when its meeting is over."""
    is_shown = Hello.replied_at.is_not(None) | (Hello.ends_at > now)
    is_mine = (Hello.receiver_id == viewer.id) | (Hello.sender_id == viewer.id)
    query = (
        select(*columns_of(_OTHER), Hello)
        .select_from(Hello)
        .join(_OTHER, _is_with_somebody_seen(viewer))
        .where(is_mine, Hello.withdrawn_at.is_(None), is_shown)
        .order_by(Hello.sent_at.desc())
        .limit(2 * SHOWN)
    )
    rows = session.execute(query).all()
    received = [h for *_, h in rows if h.receiver_id == viewer.id]
    sent = [h for *_, h in rows if h.sender_id == viewer.id]
    return Inbox(received, sent, {row[0]: PersonRow(*row[:WIDTH]) for row in rows})


def find_hello(session: Session, viewer: Person, hello_id: int) -> Hello | None:
    """A hello that the viewer sent or received. Only its sender finds a withdrawn one."""
    is_theirs = (Hello.sender_id == viewer.id) | (
        (Hello.receiver_id == viewer.id) & Hello.withdrawn_at.is_(None)
    )
    query = select(Hello).where(Hello.id == hello_id, is_theirs)
    return session.scalar(query.join(_OTHER, _is_with_somebody_seen(viewer)))


def news_of(session: Session, viewer: Person, now: datetime) -> News:
    return _news(session, viewer, Person.id == viewer.id, now) or News()


def news_where(session: Session, is_viewer: ColumnElement[bool], now: datetime) -> News | None:
    """The same for the one `Person` who meets the condition; None if there is nobody."""
    return _news(session, Person, is_viewer, now)


def see_answers(session: Session, viewer: Person, now: datetime) -> None:
    """The answers to the viewer are being shown: they are no longer new. Commits if any was."""
    # An answer that is not listed stays new, for when its sender is shown again.
    query = select(Hello.id).where(_is_unseen_answer(viewer))
    new = session.scalars(query.join(_OTHER, _is_with_somebody_seen(viewer))).all()
    if new:
        session.execute(update(Hello).where(Hello.id.in_(new)).values(reply_seen_at=now))
        session.commit()


def _news(
    session: Session, viewer: Viewer, is_viewer: ColumnElement[bool], now: datetime
) -> News | None:
    to_answer = (
        (Hello.receiver_id == viewer.id) & Hello.replied_at.is_(None) & (Hello.ends_at > now)
    )
    is_new = (to_answer | _is_unseen_answer(viewer)) & Hello.withdrawn_at.is_(None)
    seen = (_OTHER.id == _other_id(viewer)) & visible_to(viewer, _OTHER, by_name=True)
    query = (
        select(Person.id, Hello.id, Hello.meeting_key, _OTHER.id, Hello.sent_at, Hello.replied_at)
        .select_from(Person)
        .outerjoin(Hello, is_new)
        .outerjoin(_OTHER, seen & Hello.id.is_not(None))
        .where(is_viewer)
        .order_by(Hello.id.desc())
        .limit(SHOWN)
    )
    rows = session.execute(query).all()
    if not rows:
        return None
    return News.of((row[1], row[2], row[3], row[4], row[5]) for row in rows if row[3] is not None)


def _is_unseen_answer(viewer: Viewer) -> ColumnElement[bool]:
    is_answered = (Hello.sender_id == viewer.id) & Hello.replied_at.is_not(None)
    return is_answered & Hello.reply_seen_at.is_(None)


def _is_with_somebody_seen(viewer: Person) -> ColumnElement[bool]:
    return (_OTHER.id == _other_id(viewer)) & visible_to(viewer, _OTHER, by_name=True)


def _other_id(viewer: Viewer) -> ColumnElement[int]:
    return case((Hello.sender_id == viewer.id, Hello.receiver_id), else_=Hello.sender_id)
