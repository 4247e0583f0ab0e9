"""What is wrong with entries now: with those of the people, and with their photos."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..people.person import Person, active
from .report import Report
from .staged import PhotoSource

LISTED = 1000


def entry_problems(session: Session, limit: int = LISTED) -> list[tuple[str, str]]:
    """Who (a login name, or the id of who has none) and what is wrong, in order of the names."""
    query = select(Person.handle, Person.directory_id, Person.problems).where(
        active(), Person.problems.is_not(None)
    )
    rows = session.execute(query.order_by(Person.sort_key, Person.id).limit(limit))
    found = [(handle or id, what) for handle, id, several in rows for what in several]
    return (found + photo_problems(session, limit=limit))[:limit]


def photo_problems(
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


def same_mails(session: Session, report: Report) -> list[tuple[str, str]]:
    """Who has the mail of another: of everybody, or of those whom the run brought and changed."""
    if report.kind == "full":
        # Of the index alone, before who is here is looked at.
        twice = select(Person.mail).where(Person.mail != "").group_by(Person.mail)
        mails = session.scalars(twice.having(func.count() > 1).limit(LISTED)).all()
    else:
        ids = [*report.joined, *report.changed, *report.returned][:LISTED]
        those = select(Person.mail).where(Person.id.in_(ids), Person.mail != "")
        mails = session.scalars(those).all()
    # Who has left is told apart here: else SQLite looks at all who have not.
    who = select(Person.mail, Person.handle, Person.left_at.is_(None))
    query = who.where(Person.mail.in_(mails)).order_by(Person.mail, Person.id)
    found, first = [], dict[str, str]()
    for mail, handle in ((m, h) for m, h, is_here in session.execute(query) if is_here):
        if (one := first.setdefault(mail, handle or "?")) != handle:
            found.append((handle or "?", f"has the mail of {one}; both are kept"))
    return found
