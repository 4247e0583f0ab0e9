"""Who is shown to whom: the one gate that every list, count, search, page and picture asks.

What it hides answers with the same bytes as what does not exist.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session, aliased

from .follow import Follow
from .person import Person, active, arrived

# Apart from the follows of the query that it is a part of.
_FOLLOW = aliased(Follow)


def visible_to(
    viewer: Person | type[Person], person: type[Person] = Person, *, by_name: bool = False
) -> ColumnElement[bool]:
    """Whether `person` is here, and not hidden.

    `by_name` is for one who is asked for alone, by their address or their picture: then also who
    has left, for their followers, and the viewer, for themselves. `viewer` and `person` may be
    aliases, to be part of a larger query.
    """
    shown = active(person) & ~person.is_hidden
    if not by_name:
        return shown
    follows = exists().where(_FOLLOW.follower_id == viewer.id, _FOLLOW.person_id == person.id)
    has_left = arrived(person) & person.left_at.is_not(None) & ~person.is_hidden
    return or_(shown, has_left & follows, person.id == viewer.id)


def find_visible(session: Session, viewer: Person, handle: str) -> Person | None:
    """The person with that login name, in any case, where the viewer may see them."""
    if "\0" in handle:
        return None  # which PostgreSQL does not take even as a question
    query = select(Person).where(Person.handle == handle.lower())
    return session.scalar(query.where(visible_to(viewer, by_name=True)))


def visible_by_ids(session: Session, viewer: Person, ids: Iterable[int]) -> dict[int, Person]:
    """Those of them whom the viewer may see, by their id."""
    query = select(Person).where(Person.id.in_(set(ids)), visible_to(viewer, by_name=True))
    return {person.id: person for person in session.scalars(query)}
