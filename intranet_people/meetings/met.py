"""Whom the viewer has met: everybody who was in a small meeting of theirs that is over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from ..people.follow import Follow
from ..people.person import Person
from ..people.visible import visible_to
from .guest_lists import Guest, GuestList
from .meeting import Meeting, is_over

SMALL = 12
"""People who were in a meeting of at most this size are taken to have met."""


def met_ids(viewer: Person, now: datetime) -> Select[Any]:
    """A query for the ids of those whom the viewer has met (`person_id`), each once."""
    return _met(viewer, now, Guest.person_id).distinct()


def lately_met(session: Session, viewer: Person, now: datetime, limit: int) -> Sequence[Person]:
    """Whom the viewer met last and does not follow yet."""
    met = _met(viewer, now, Guest.person_id, func.max(Meeting.ends_at).label("at"))
    latest = met.group_by(Guest.person_id).subquery()
    followed = select(Follow.person_id).where(Follow.follower_id == viewer.id)
    query = (
        select(Person)
        .join(latest, latest.c.person_id == Person.id)
        .where(visible_to(viewer), Person.id != viewer.id, Person.id.not_in(followed))
        .order_by(latest.c.at.desc(), Person.sort_key)
    )
    return session.scalars(query.limit(limit)).all()


def _met(viewer: Person, now: datetime, *columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(Guest)
        .join(GuestList, GuestList.id == Guest.list_id)
        .join(Meeting, Meeting.guest_list_id == GuestList.id)
        .where(Meeting.owner_id == viewer.id, is_over(now), GuestList.size <= SMALL)
        .where(Guest.person_id.is_not(None))
    )
