"""What is wrong with entries now: with those of the people, and with their photos."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from .person import Person, PhotoSource, active

LISTED = 1000


def doubts(session: Session, limit: int = LISTED) -> list[tuple[str, str]]:
    """Who (a login name, or the id of who has none) and what is wrong, in order of the names."""
    query = select(Person.handle, Person.directory_id, Person.doubts).where(
        active(), Person.doubts.is_not(None)
    )
    rows = session.execute(query.order_by(Person.sort_key, Person.id).limit(limit))
    found = [(handle or id, what) for handle, id, several in rows for what in several]
    return (found + photo_doubts(session, limit=limit))[:limit]


def photo_doubts(
    session: Session, digests: Collection[str] | None = None, limit: int = LISTED
) -> list[tuple[str, str]]:
    """Whose photo cannot be shown and why; of `digests` alone where they are given."""
    query = (
        select(Person.handle, Person.directory_id, Person.photo_digest, PhotoSource.problem)
        .join(PhotoSource, PhotoSource.digest == Person.photo_offered)
        .where(active(), PhotoSource.problem.is_not(None))
    )
    if digests is not None:
        query = query.where(PhotoSource.digest.in_(digests))
    rows: Sequence[tuple[str | None, str, str | None, str | None]] = [
        tuple(row)  # type: ignore[misc]
        for row in session.execute(query.order_by(Person.sort_key, Person.id).limit(limit))
    ]
    return [
        (handle or id, f"photo {what}; {'the last good one stays' if shown else 'left out'}")
        for handle, id, shown, what in rows
    ]
