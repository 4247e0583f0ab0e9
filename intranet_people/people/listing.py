"""Lists of people whom the viewer may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import case, exists, false, select
from sqlalchemy.orm import Session

from ..clock import now
from .follow import Follow
from .person import NEW_FOR, Person, behind
from .visible import visible_to

MAX_REPORTS, MAX_PEERS = 100, 12
MAX_AROUND = 2 + MAX_REPORTS + MAX_PEERS
SELF, MANAGER, REPORT, PEER = range(4)


def page_of(
    session: Session, viewer: Person, after: tuple[str, int] | None, limit: int
) -> Sequence[Person]:
    """People in the order of their names, from `after` (sort_key, id) on."""
    query = select(Person).where(visible_to(viewer), behind(after))
    return session.scalars(query.order_by(Person.sort_key, Person.id).limit(limit)).all()


def newest(session: Session, viewer: Person, limit: int) -> Sequence[Person]:
    """Others who joined in the last two weeks, the newest first."""
    is_new = (Person.joined_at > now() - NEW_FOR) & (Person.id != viewer.id)
    query = select(Person).where(visible_to(viewer), is_new)
    return session.scalars(query.order_by(Person.joined_at.desc()).limit(limit)).all()


def following(session: Session, viewer: Person, limit: int = 200) -> Sequence[Person]:
    """Whom the viewer follows and may see, leavers too, the latest first."""
    query = select(Person).join(Follow, Follow.person_id == Person.id)
    query = query.where(Follow.follower_id == viewer.id, visible_to(viewer, by_name=True))
    return session.scalars(query.order_by(Follow.since.desc(), Person.id).limit(limit)).all()


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
