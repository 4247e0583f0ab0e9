"""Who may see whom: the one gate that every list, count, search, page and photo asks.

For a person whom the viewer may not see, responses are the same as for one who does not exist.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Integer, bindparam, exists, or_, select
from sqlalchemy.orm import Session, aliased

from .follow import Follow
from .login_name import is_handle
from .person import Person, active

# An alias, so that it does not correlate with the follows of an outer query.
_FOLLOW = aliased(Follow)


@dataclass(frozen=True)
class ViewerParameter:
    """The viewer of a statement that is built once: it is executed with their `viewer_id`."""

    id: ColumnElement[int]


VIEWER = ViewerParameter(bindparam("viewer_id", type_=Integer))


def visible_to(
    viewer: Person | type[Person] | ViewerParameter,
    person: type[Person] = Person,
    *,
    by_name: bool = False,
) -> ColumnElement[bool]:
    """Whether the viewer may see `person`: they are here, and the directory does not hide them.

    `by_name` is for a request for one person, by their address or photo. It also allows people who
    left, for their followers, and the viewers themselves. `viewer` and `person` may be aliases, so
    that the condition can be part of a larger query.
    """
    shown = active(person) & ~person.is_hidden
    if not by_name:
        return shown
    follows = exists().where(_FOLLOW.follower_id == viewer.id, _FOLLOW.person_id == person.id)
    has_left = person.left_at.is_not(None) & ~person.is_hidden
    return or_(shown, has_left & follows, person.id == viewer.id)


_BY_HANDLE = select(Person).where(
    Person.handle == bindparam("handle"), visible_to(VIEWER, by_name=True)
)


def find_visible(session: Session, viewer: Person, handle: str) -> Person | None:
    """The person with that login name, in any case, where the viewer may see them."""
    if not is_handle(handle):
        return None
    return session.scalar(_BY_HANDLE, {"viewer_id": viewer.id, "handle": handle.lower()})
