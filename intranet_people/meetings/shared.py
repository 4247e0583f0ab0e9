"""A coming meeting of two people, as both of their calendars have it."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Integer, bindparam, select
from sqlalchemy.orm import Session, aliased

from ..people.person import Person
from ..people.visible import VIEWER
from .meeting import IS_OVER, LAST_ZONE, Calendar, Meeting, is_invited, moments


class NotComing(LookupError):
    """The meeting is over, or not in the viewer's calendar."""


class When(NamedTuple):
    """When a meeting is."""

    starts_at: datetime
    ends_at: datetime
    all_day: bool


_THEIRS = aliased(Meeting)
_PERSON = bindparam("person_id", type_=Integer)
_SHARED = (
    select(
        *(Meeting.starts_at, Meeting.ends_at, Meeting.all_day),
        _THEIRS.starts_at.label("their_start"),
        _THEIRS.ends_at.label("their_end"),
        _THEIRS.all_day.label("their_all_day"),
        is_invited(Meeting, _PERSON).label("is_person_invited"),
        is_invited(_THEIRS, VIEWER.id).label("is_viewer_invited"),
        Calendar.digest,
    )
    .outerjoin(_THEIRS, (_THEIRS.owner_id == _PERSON) & (_THEIRS.key == Meeting.key))
    .outerjoin(Calendar, Calendar.person_id == _PERSON)
    .where(Meeting.owner_id == VIEWER.id, Meeting.key == bindparam("key"), ~IS_OVER)
)


def shared_meeting(
    session: Session, viewer: Person, person: Person, key: str, now: datetime
) -> When | None:
    """When it is, by the person's own calendar if that could be read; None if they are not in it.

    Raises NotComing.
    """
    ids = {"viewer_id": viewer.id, "person_id": person.id, "key": key}
    row = session.execute(_SHARED, {**ids, **moments(now, LAST_ZONE)}).first()
    if row is None:
        raise NotComing
    # A calendar that could be read decides, and nobody is told what it holds.
    is_in_theirs = row.their_start is not None
    is_ours = row.is_viewer_invited if is_in_theirs else not row.digest
    is_possible = person.id != viewer.id and person.is_active
    if not (is_possible and row.is_person_invited and is_ours):
        return None
    return When(*row[3:6]) if is_in_theirs else When(*row[:3])
