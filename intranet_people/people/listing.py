"""Lists of people whom the viewer may see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    bindparam,
    exists,
    literal,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import Session

from ..clock import now
from .follow import Follow
from .person import NEW_FOR, Person
from .row import COLUMNS, WIDTH, PersonRow
from .visible import VIEWER, visible_to

MAX_REPORTS, MAX_PEERS = 100, 12


_IS_SHOWN = visible_to(VIEWER)
_ORDER = (Person.sort_key, Person.id)
IS_FOLLOWED = exists().where(Follow.follower_id == VIEWER.id, Follow.person_id == Person.id)
_LIMIT = bindparam("limit", type_=Integer)
_PAGE = select(*COLUMNS, IS_FOLLOWED).where(_IS_SHOWN).order_by(*_ORDER).limit(_LIMIT)
_AFTER = _PAGE.where(tuple_(*_ORDER) > tuple_(bindparam("key"), bindparam("id")))
_NEW = (
    select(*COLUMNS, Person.joined_at.label("at"))
    .where(_IS_SHOWN, Person.joined_at > bindparam("since"), Person.id != VIEWER.id)
    .order_by(Person.joined_at.desc(), Person.id)
    .limit(bindparam("new"))
)
_FOLLOWED = (
    select(*COLUMNS, Follow.since.label("at"))
    .join(Follow, Follow.person_id == Person.id)
    .where(Follow.follower_id == VIEWER.id, visible_to(VIEWER, by_name=True))
    .order_by(Follow.since.desc(), Person.id)
    .limit(_LIMIT)
)
_BOTH = union_all(
    *(select(rows.subquery(), literal(n).label("part")) for n, rows in enumerate((_FOLLOWED, _NEW)))
)
"""Subqueries, as a part of a union has no limit on SQLite."""


def page_of(
    session: Session, viewer: Person, after: tuple[str, int] | None, limit: int
) -> list[tuple[PersonRow, bool]]:
    """People in the order of their names, from `after` (sort_key, id) on, each with whether the
    viewer follows them."""
    values: dict[str, object] = {"viewer_id": viewer.id, "limit": limit}
    query = _PAGE
    if after:
        query, values = _AFTER, values | {"key": after[0], "id": after[1]}
    return [(PersonRow(*row[:WIDTH]), row[WIDTH]) for row in session.execute(query, values)]


def newest(session: Session, viewer: Person, limit: int) -> list[PersonRow]:
    """Others who joined in the last two weeks, the newest first."""
    values = {"viewer_id": viewer.id, "since": now() - NEW_FOR, "new": limit}
    return [PersonRow(*row[:WIDTH]) for row in session.execute(_NEW, values)]


def following(session: Session, viewer: Person, limit: int = 200) -> list[PersonRow]:
    """Whom the viewer follows and may see, leavers too, the latest first."""
    values = {"viewer_id": viewer.id, "limit": limit}
    return [PersonRow(*row[:WIDTH]) for row in session.execute(_FOLLOWED, values)]


def following_and_newest(
    session: Session, viewer: Person, limit: int, new: int
) -> tuple[list[PersonRow], list[PersonRow]]:
    """Both in one query."""
    values = {"viewer_id": viewer.id, "limit": limit, "since": now() - NEW_FOR, "new": new}
    # A union has no order of its own.
    rows = sorted(session.execute(_BOTH, values), key=lambda row: (row.at, -row.id), reverse=True)
    parts = ([PersonRow(*row[:WIDTH]) for row in rows if row.part == n] for n in range(2))
    return next(parts), next(parts)


def rows_by_ids(session: Session, viewer: Person, ids: Iterable[int]) -> dict[int, PersonRow]:
    """Those of them whom the viewer may see, leavers too where the viewer follows them, by id."""
    query = select(*COLUMNS).where(Person.id.in_(set(ids)), visible_to(viewer, by_name=True))
    return {row.id: PersonRow(*row) for row in session.execute(query)}


@dataclass(frozen=True)
class Line:
    """The people around one person in the organisation, and whether the viewer follows them."""

    is_followed: bool
    manager: PersonRow | None
    reports: list[PersonRow]
    peers: list[PersonRow]
    """Other reports of the same manager."""


_SELF, _MANAGER, _REPORT, _PEER = range(4)
_PERSON = bindparam("person_id", type_=Integer)
_THEIR_MANAGER = bindparam("manager_id", type_=Integer)


def _around(place: int, condition: ColumnElement[bool], limit: int) -> Select[Any]:
    """A part of the line, each by an index of its own. Subqueries, for the limit on SQLite."""
    people = select(*COLUMNS).where(condition).order_by(*_ORDER).limit(literal(limit)).subquery()
    return select(people, literal(place).label("place"))


_LINE = union_all(
    _around(_MANAGER, _IS_SHOWN & (Person.id == _THEIR_MANAGER), 1),
    _around(_REPORT, _IS_SHOWN & (Person.manager_id == _PERSON), MAX_REPORTS),
    # The person is one of them.
    _around(_PEER, _IS_SHOWN & (Person.manager_id == _THEIR_MANAGER), MAX_PEERS + 1),
    _around(_SELF, (Person.id == _PERSON) & IS_FOLLOWED, 1),
)


def line_of(session: Session, viewer: Person, person: Person) -> Line:
    """In one query. Of many reports and peers, the first by name."""
    values = {"viewer_id": viewer.id, "person_id": person.id, "manager_id": person.manager_id}
    parts: list[list[PersonRow]] = [[], [], [], []]
    for row in session.execute(_LINE, values):
        parts[row.place].append(PersonRow(*row[:WIDTH]))
    # A union has no order of its own.
    for part in parts:
        part.sort(key=lambda row: (row.sort_key, row.id))
    manager = next(iter(parts[_MANAGER]), None)
    # Two may be each other's manager; nobody is shown twice.
    shown = {person.id, *(row.id for row in parts[_MANAGER])}
    reports = [row for row in parts[_REPORT] if row.id not in shown]
    shown |= {row.id for row in reports}
    # Whom a hidden manager has is nobody's to know.
    peers = [row for row in parts[_PEER] if row.id not in shown] if manager else []
    return Line(bool(parts[_SELF]), manager, reports, peers[:MAX_PEERS])
