"""The hellos that the viewer received and sent, and which of them are news.

Hellos with somebody whom the viewer may not see are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, case, select, update
from sqlalchemy.orm import Session, aliased

from ..people.login_name import LoginName
from ..people.named import IS_NAMED, named
from ..people.person import Person
from ..people.row import WIDTH, PersonRow, columns_of
from ..people.visible import VIEWER, visible_to
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
    rows = session.execute(_NEWS_OF_ID, {"viewer_id": viewer.id, "now": now}).all()
    return _as_news(rows)


def news_of_named(session: Session, name: LoginName, now: datetime) -> News | None:
    """The same for whoever has that login name; None if nobody has."""
    rows = session.execute(_NEWS[name.kind], {"now": now, **named(name)}).all()
    return _as_news(rows) if rows else None


def see_answers(session: Session, viewer: Person, now: datetime) -> None:
    """The answers to the viewer are being shown: they are no longer new. Commits if any was."""
    # An answer that is not listed stays new, for when its sender is shown again.
    query = select(Hello.id).where(_is_unseen_answer(viewer))
    new = session.scalars(query.join(_OTHER, _is_with_somebody_seen(viewer))).all()
    if new:
        session.execute(update(Hello).where(Hello.id.in_(new)).values(reply_seen_at=now))
        session.commit()


def _is_unseen_answer(viewer: Viewer) -> ColumnElement[bool]:
    is_answered = (Hello.sender_id == viewer.id) & Hello.replied_at.is_not(None)
    return is_answered & Hello.reply_seen_at.is_(None)


def _is_with_somebody_seen(viewer: Person) -> ColumnElement[bool]:
    return (_OTHER.id == _other_id(viewer)) & visible_to(viewer, _OTHER, by_name=True)


def _other_id(viewer: Viewer) -> ColumnElement[int]:
    return case((Hello.sender_id == viewer.id, Hello.receiver_id), else_=Hello.sender_id)


def _news(is_viewer: ColumnElement[bool]) -> Select[Any]:
    """The news of one person, a row each, and one row with nothing if there is none."""
    is_mine = (Hello.receiver_id == Person.id) & Hello.replied_at.is_(None)
    to_answer = is_mine & (Hello.ends_at > bindparam("now"))
    is_new = (to_answer | _is_unseen_answer(Person)) & Hello.withdrawn_at.is_(None)
    seen = (_OTHER.id == _other_id(Person)) & visible_to(Person, _OTHER, by_name=True)
    what: Sequence[Any] = (Hello.id, Hello.meeting_key, _OTHER.id, Hello.sent_at)
    return (
        select(*what, Hello.replied_at)
        .select_from(Person)
        .outerjoin(Hello, is_new)
        .outerjoin(_OTHER, seen & Hello.id.is_not(None))
        .where(is_viewer)
        .order_by(Hello.id.desc())
        .limit(SHOWN)
    )


_NEWS_OF_ID = _news(Person.id == VIEWER.id)
_NEWS = {kind: _news(condition) for kind, condition in IS_NAMED.items()}


def _as_news(rows: Sequence[Any]) -> News:
    return News.of(tuple(row) for row in rows if row[2] is not None)
