"""Who is invited to the viewer's coming meetings, and what the two have in common: one query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session, aliased, load_only

from ..meetings.guest_lists import Guest, GuestList
from ..meetings.meeting import Meeting, is_coming
from ..meetings.met import met_ids
from ..people.person import Person
from ..people.visible import visible_to

SHOWN = 200
"""At most so many people of one meeting are read for a page."""
SHOWN_OF_PERSON = (
    *("id", "handle", "name", "given_name", "surname", "title", "team", "city", "photo_digest"),
    *("manager_id", "joined_at", "left_at", "is_hidden"),
)
_MANAGER = aliased(Person)


@dataclass(frozen=True)
class Invited:
    """One person or guest in one coming meeting of the viewer's."""

    meeting: Meeting
    size: int
    """Of the guest list."""
    person: Person | None
    """Whom the viewer may see; None for a guest from outside, or a meeting with nobody in it."""
    guest: str
    """The name of a guest from outside."""
    manager: Person | None
    """The person's manager, where the viewer may see them."""
    has_met: bool
    """Whether the viewer and the person were in a small meeting that is over."""
    has_met_manager: bool


def invited(
    session: Session,
    viewer: Person,
    now: datetime,
    zone: ZoneInfo,
    ahead: timedelta,
    limit: int,
    whom: ColumnElement[bool] | None = None,
) -> list[Invited]:
    """By meeting, the next first, in the order of the guest lists.

    `limit` is the number of meetings. With `whom`, a condition for guests, only meetings with such
    a guest. People who left or are hidden are left out.
    """
    meetings = _meetings(viewer, now, zone, ahead, limit, whom).subquery()
    meeting = aliased(Meeting, meetings)
    met, met_manager = met_ids(viewer, now).subquery(), met_ids(viewer, now).subquery()
    is_wanted = Guest.position < SHOWN if whom is None else whom
    query = (
        select(meeting, GuestList.size, Guest.person_id, Guest.name, Person, _MANAGER)
        .add_columns(met.c.person_id.label("met"), met_manager.c.person_id.label("met_manager"))
        .join(GuestList, GuestList.id == meeting.guest_list_id)
        .outerjoin(Guest, (Guest.list_id == meeting.guest_list_id) & is_wanted)
        .outerjoin(Person, (Person.id == Guest.person_id) & visible_to(viewer))
        .outerjoin(_MANAGER, (_MANAGER.id == Person.manager_id) & visible_to(viewer, _MANAGER))
        .outerjoin(met, met.c.person_id == Person.id)
        .outerjoin(met_manager, met_manager.c.person_id == Person.manager_id)
        .order_by(meeting.starts_at, meeting.id, Guest.position)
        # Hundreds of people: without what only a profile shows.
        .options(load_only(*(getattr(Person, name) for name in SHOWN_OF_PERSON)))
        .options(load_only(_MANAGER.name, _MANAGER.given_name, _MANAGER.manager_id))
    )
    return [
        Invited(
            meeting=row[0],
            size=row.size,
            person=row.Person,
            guest=row.name or "" if row.person_id is None else "",
            manager=row[5],
            has_met=row.met is not None,
            has_met_manager=row.met_manager is not None,
        )
        for row in session.execute(query)
    ]


def _meetings(
    viewer: Person,
    now: datetime,
    zone: ZoneInfo,
    ahead: timedelta,
    limit: int,
    whom: ColumnElement[bool] | None,
) -> Select[Any]:
    query = select(Meeting).where(
        Meeting.owner_id == viewer.id, is_coming(now, zone), Meeting.starts_at < now + ahead
    )
    if whom is not None:
        query = query.join(Guest, Guest.list_id == Meeting.guest_list_id).where(whom)
    return query.order_by(Meeting.starts_at, Meeting.id).limit(limit)


def by_meeting(rows: Sequence[Invited]) -> list[tuple[Meeting, list[Invited]]]:
    """Rows by meeting, in their order."""
    found = groupby(rows, key=lambda row: row.meeting.id)
    return [(some[0].meeting, some) for some in (list(group) for _, group in found)]
