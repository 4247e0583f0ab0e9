"""Lists of people whom the viewer may see."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..clock import now
from .person import NEW_FOR, Person, behind
from .visible import visible_to

MAX_REPORTS = 100


def page_of(
    session: Session, viewer: Person, after: tuple[str, int] | None, limit: int
) -> Sequence[Person]:
    """People in the order of their names, from `after` (sort_key, id) on."""
    query = select(Person).where(visible_to(viewer), behind(after))
    return session.scalars(query.order_by(Person.sort_key, Person.id).limit(limit)).all()


def newest(session: Session, viewer: Person, limit: int) -> Sequence[Person]:
    """People who joined in the last two weeks, the newest first."""
    query = select(Person).where(visible_to(viewer), Person.joined_at > now() - NEW_FOR)
    return session.scalars(query.order_by(Person.joined_at.desc()).limit(limit)).all()


def manager_of(session: Session, viewer: Person, person: Person) -> Person | None:
    if person.manager_id is None:
        return None
    query = select(Person).where(Person.id == person.manager_id, visible_to(viewer))
    return session.scalar(query)


def reports_of(session: Session, viewer: Person, person: Person) -> Sequence[Person]:
    query = select(Person).where(Person.manager_id == person.id, visible_to(viewer))
    query = query.order_by(Person.sort_key, Person.id)
    return session.scalars(query.limit(MAX_REPORTS)).all()
