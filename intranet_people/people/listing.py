"""Lists of people whom the viewer may see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import (
    Integer,
    bindparam,
    case,
    exists,
    false,
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
MAX_AROUND = 2 + MAX_REPORTS + MAX_PEERS
SELF, MANAGER, REPORT, PEER = range(4)


_IS_SHOWN = visible_to(VIEWER)
_ORDER = (Person.sort_key, Person.id)
_IS_FOLLOWED = exists().where(Follow.follower_id == VIEWER.id, Follow.person_id == Person.id)
_LIMIT = bindparam("limit", type_=Integer)
_PAGE = select(*COLUMNS, _IS_FOLLOWED).where(_IS_SHOWN).order_by(*_ORDER).limit(_LIMIT)
_AFTER = _PAGE.where(tuple_(*_ORDER) > tuple_(bindparam("key"), bindparam("id")))
_NEW = (
    select(*COLUMNS, Person.joined_at.label("at"))
    .where(_IS_SHOWN, Person.joined_at > bindparam("since"), Person.id != VIEWER.id)
    .order_by(Person.joined_at.desc())
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
    manager: Person | None
    reports: list[Person]
    peers: list[Person]
    """Other reports of the same manager."""


def line_of(session: Session, viewer: Person, person: Person) -> Line:
    """In one query. Of many reports and peers, the first by name."""
    of_manager = false() if person.manager_id is None else Person.manager_id == person.manager_id
    place = case(
        (Person.id == person.id, SELF),
        (Person.id == person.manager_id, MANAGER),
        (Person.manager_id == person.id, REPORT),
        (of_manager, PEER),
    )
    is_followed = exists().where(Follow.follower_id == viewer.id, Follow.person_id == Person.id)
    around = (Person.id == person.manager_id) | (Person.manager_id == person.id) | of_manager
    query = (
        select(Person, place.label("place"), is_followed.label("is_followed"))
        .where((around & visible_to(viewer)) | (Person.id == person.id))
        .order_by("place", Person.sort_key, Person.id)
        .limit(MAX_AROUND)
    )
    rows = session.execute(query).all()
    manager = next((row.Person for row in rows if row.place == MANAGER), None)
    # Whom a hidden manager has is nobody's to know.
    peers = [row.Person for row in rows if row.place == PEER] if manager else []
    return Line(
        is_followed=any(row.is_followed for row in rows if row.place == SELF),
        manager=manager,
        reports=[row.Person for row in rows if row.place == REPORT][:MAX_REPORTS],
        peers=peers[:MAX_PEERS],
    )
