"""Who is invited to the viewer's meetings, and what the two have in common."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Select, bindparam, select
from sqlalchemy.orm import Session, aliased

from ..meetings.coming import IS_MINE_AND_COMING, MEETING_COLUMNS, MeetingRow
from ..meetings.guest_lists import Guest, GuestList
from ..meetings.meeting import AHEAD, LAST_ZONE, Meeting, moments
from ..meetings.met import MET_IDS
from ..people.person import Person
from ..people.row import COLUMNS, WIDTH, PersonRow
from ..people.visible import VIEWER, visible_to

SHOWN = 200
"""At most so many people of one meeting are read for a page."""
_MANAGER = aliased(Person)


class Manager(NamedTuple):
    """Somebody's manager, whom the viewer may see."""

    id: int
    name: str
    given_name: str
    manager_id: int | None


class Invited(NamedTuple):
    """One person or guest in one meeting of the viewer's.

    list_id           of the guest list
    guest             the name of a guest from outside
    person            whom the viewer may see; None for a guest from outside
    manager_id        the person's manager
    joined_at         when the person joined
    has_met           whether the viewer and the person were in a small meeting that is over
    manager           the person's manager, where the viewer may see them
    has_met_manager   the same as `has_met`
    """

    list_id: int
    guest: str
    person: PersonRow | None
    manager_id: int | None
    joined_at: datetime | None
    has_met: bool
    manager: Manager | None
    has_met_manager: bool


def _guests() -> Select[Any]:
    met = MET_IDS.cte("met")
    met_manager = met.alias("met_manager")
    seen = (Person.id == Guest.person_id) & visible_to(VIEWER)
    seen_manager = (_MANAGER.id == Person.manager_id) & visible_to(VIEWER, _MANAGER)
    return (
        select(*COLUMNS, Guest.list_id, Guest.person_id, Guest.name.label("guest"))
        .add_columns(Person.manager_id, Person.joined_at, met.c.person_id.label("met"))
        .add_columns(_MANAGER.id.label("boss"), _MANAGER.name, _MANAGER.given_name)
        .add_columns(_MANAGER.manager_id, met_manager.c.person_id.label("met_boss"))
        .select_from(Guest)
        .outerjoin(Person, seen)
        .outerjoin(_MANAGER, seen_manager)
        .outerjoin(met, met.c.person_id == Person.id)
        .outerjoin(met_manager, met_manager.c.person_id == _MANAGER.id)
    )


_OF_LISTS = (
    _guests()
    .where(Guest.list_id.in_(bindparam("lists", expanding=True)), Guest.position < SHOWN)
    .order_by(Guest.list_id, Guest.position)
)
_OF_ONE = (
    _guests()
    .add_columns(*MEETING_COLUMNS)
    .join(Meeting, Meeting.guest_list_id == Guest.list_id)
    .join(GuestList, GuestList.id == Guest.list_id)
    .where(Guest.person_id == bindparam("person_id"), IS_MINE_AND_COMING)
    .order_by(Meeting.starts_at, Meeting.id)
    .limit(bindparam("limit"))
)


def invited(
    session: Session, viewer: Person, now: datetime, lists: Collection[int]
) -> dict[int, list[Invited]]:
    """By guest list, in the order of each. People who left or are hidden are left out."""
    found: dict[int, list[Invited]] = {}
    if not lists:
        return found
    values = {"viewer_id": viewer.id, "lists": lists, **moments(now, LAST_ZONE)}
    for row in session.execute(_OF_LISTS, values):
        # The name of somebody who is known here, but not to the viewer, is not a guest's.
        if row[0] is not None or (row.person_id is None and row.guest):
            found.setdefault(row[WIDTH], []).append(_invited(row))
    return found


def meetings_with(
    session: Session,
    viewer: Person,
    person: Person | PersonRow,
    now: datetime,
    zone: ZoneInfo,
    limit: int,
    ahead: timedelta = AHEAD,
) -> list[tuple[MeetingRow, Invited]]:
    """The viewer's coming meetings with one person whom they may see, the next first."""
    values = {"viewer_id": viewer.id, "person_id": person.id, **moments(now, zone)}
    rows = session.execute(_OF_ONE, {**values, "until": now + ahead, "limit": limit})
    width = len(MEETING_COLUMNS)
    return [(MeetingRow(*row[-width:]), _invited(row)) for row in rows if row[0] is not None]


def _invited(row: Row[Any] | Sequence[Any]) -> Invited:
    list_id, _, guest, manager_id, joined_at, met, boss, *names, met_boss = row[WIDTH : WIDTH + 11]
    return Invited(
        list_id,
        guest,
        None if row[0] is None else PersonRow(*row[:WIDTH]),
        manager_id,
        joined_at,
        met is not None,
        None if boss is None else Manager(boss, *names),
        met_boss is not None,
    )
