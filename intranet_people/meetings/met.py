"""Whom the viewer has met: everybody who was in a small meeting of theirs that is over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from ..people.follow import Follow
from ..people.person import Person
from ..people.row import COLUMNS, PersonRow
from ..people.visible import visible_to
from .guest_lists import Guest, GuestList
from .meeting import IS_OVER, Meeting, moments

SMALL = 12
"""People who were in a meeting of at most this size are taken to have met."""


def _met(*columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(Guest)
        .join(GuestList, GuestList.id == Guest.list_id)
        .join(Meeting, Meeting.guest_list_id == GuestList.id)
        .where(Meeting.owner_id == bindparam("viewer_id"), IS_OVER, GuestList.size <= SMALL)
        .where(Guest.person_id.is_not(None))
    )


MET_IDS = _met(Guest.person_id).distinct()
"""The ids of those whom `viewer_id` has met, each once."""
_LATEST = _met(Guest.person_id, func.max(Meeting.ends_at).label("at")).group_by(Guest.person_id)


def lately_met(
    session: Session, viewer: Person, now: datetime, zone: ZoneInfo, limit: int
) -> Sequence[PersonRow]:
    """Whom the viewer met last and does not follow yet."""
    latest = _LATEST.subquery()
    followed = select(Follow.person_id).where(Follow.follower_id == viewer.id)
    query = (
        select(*COLUMNS)
        .join(latest, latest.c.person_id == Person.id)
        .where(visible_to(viewer), Person.id != viewer.id, Person.id.not_in(followed))
        .order_by(latest.c.at.desc(), Person.sort_key)
    )
    values = {"viewer_id": viewer.id, **moments(now, zone)}
    return [PersonRow(*row) for row in session.execute(query.limit(limit), values)]
