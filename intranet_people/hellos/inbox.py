"""The hellos that the viewer received and sent, and how many are unread.

Hellos with somebody whom the viewer may not see are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, ScalarSelect, case, func, select, update
from sqlalchemy.orm import Session, aliased

from ..people.person import Person
from ..people.visible import visible_to
from .hello import Hello

SHOWN = 50
_OTHER = aliased(Person)
Viewer = Person | type[Person]
"""The viewer, or the `Person` entity of a larger query that selects them."""


def received_by(session: Session, viewer: Person, now: datetime) -> Sequence[Hello]:
    """What was said to the viewer; unanswered, it fades when the meeting is over."""
    return _listed(session, viewer, Hello.receiver_id == viewer.id, now)


def sent_by(session: Session, viewer: Person, now: datetime) -> Sequence[Hello]:
    return _listed(session, viewer, Hello.sender_id == viewer.id, now)


def find_hello(session: Session, viewer: Person, hello_id: int) -> Hello | None:
    """A hello that the viewer sent or received. Only its sender finds a withdrawn one."""
    is_theirs = (Hello.sender_id == viewer.id) | (
        (Hello.receiver_id == viewer.id) & Hello.withdrawn_at.is_(None)
    )
    query = select(Hello).where(Hello.id == hello_id, is_theirs)
    return session.scalar(query.join(_OTHER, _is_with_somebody_seen(viewer)))


def unread_count(session: Session, viewer: Person, now: datetime) -> int:
    """How many hellos the viewer has not answered, plus answers they have not seen."""
    return session.scalar(select(_unread(viewer, now))) or 0


def unread_count_where(
    session: Session, is_viewer: ColumnElement[bool], now: datetime
) -> int | None:
    """The same for the one `Person` who meets the condition; None if there is nobody."""
    query = select(_unread(Person, now)).select_from(Person).where(is_viewer)
    return session.scalar(query)


def see_answers(session: Session, viewer: Person, now: datetime) -> None:
    """The answers to the viewer are being shown: they are no longer new. Commits if any was."""
    # An answer that is not listed stays new, for when its sender is shown again.
    query = select(Hello.id).where(_is_unseen_answer(viewer))
    new = session.scalars(query.join(_OTHER, _is_with_somebody_seen(viewer))).all()
    if new:
        session.execute(update(Hello).where(Hello.id.in_(new)).values(reply_seen_at=now))
        session.commit()


def _listed(
    session: Session, viewer: Person, theirs: ColumnElement[bool], now: datetime
) -> Sequence[Hello]:
    is_shown = Hello.replied_at.is_not(None) | (Hello.ends_at > now)
    query = select(Hello).where(theirs, Hello.withdrawn_at.is_(None), is_shown)
    query = query.join(_OTHER, _is_with_somebody_seen(viewer))
    return session.scalars(query.order_by(Hello.sent_at.desc()).limit(SHOWN)).all()


def _unread(viewer: Viewer, now: datetime) -> ScalarSelect[int]:
    to_answer = (
        (Hello.receiver_id == viewer.id) & Hello.replied_at.is_(None) & (Hello.ends_at > now)
    )
    return (
        select(func.count(Hello.id))
        .where(to_answer | _is_unseen_answer(viewer), Hello.withdrawn_at.is_(None))
        .where(_OTHER.id == _other_id(viewer), visible_to(viewer, _OTHER, by_name=True))
        .scalar_subquery()
    )


def _is_unseen_answer(viewer: Viewer) -> ColumnElement[bool]:
    is_answered = (Hello.sender_id == viewer.id) & Hello.replied_at.is_not(None)
    return is_answered & Hello.reply_seen_at.is_(None)


def _is_with_somebody_seen(viewer: Person) -> ColumnElement[bool]:
    return (_OTHER.id == _other_id(viewer)) & visible_to(viewer, _OTHER, by_name=True)


def _other_id(viewer: Viewer) -> ColumnElement[int]:
    return case((Hello.sender_id == viewer.id, Hello.receiver_id), else_=Hello.sender_id)
