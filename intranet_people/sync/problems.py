"""Current problems of entries and photos."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from ..people.person import Person, active, named_for_operators
from .history import SyncRun
from .report import Noted, SyncReport, discreet
from .staged import PhotoSource

LISTED = 1000
_ORDER = (Person.is_hidden, case((Person.is_hidden, ""), else_=Person.sort_key), Person.id)
SAME_MAIL = "has the mail of {}; both are kept"
_OTHER = re.compile(SAME_MAIL.format("(.+)"))


def entry_problems(
    session: Session, limit: int = LISTED, *, only_hidden: bool = False
) -> list[tuple[str, str]]:
    """Who (a login name, or the id of who has none or is hidden) and what is wrong, in order of
    the names; who is hidden at the end, where their place tells nothing."""
    query = select(named_for_operators(), Person.problems).where(
        active(), Person.problems.is_not(None)
    )
    if only_hidden:
        query = query.where(Person.is_hidden)
    rows = session.execute(query.order_by(*_ORDER).limit(limit))
    found = [(who, what) for who, several in rows for what in several]
    return (found + photo_problems(session, limit=limit, only_hidden=only_hidden))[:limit]


def photo_problems(
    session: Session,
    digests: Collection[str] | None = None,
    limit: int = LISTED,
    *,
    only_hidden: bool = False,
) -> list[tuple[str, str]]:
    """People whose photo cannot be shown, and why; only of `digests` if given."""
    query = (
        select(named_for_operators(), Person.photo_digest, PhotoSource.problem)
        .join(PhotoSource, PhotoSource.digest == Person.photo_offered)
        .where(active(), PhotoSource.problem.is_not(None))
    )
    if digests is not None:
        query = query.where(PhotoSource.digest.in_(digests))
    if only_hidden:
        query = query.where(Person.is_hidden)
    return [
        (who, f"photo {what}; {'the last good one stays' if shown else 'left out'}")
        for who, shown, what in session.execute(query.order_by(*_ORDER).limit(limit))
    ]


def run_problems(session: Session, runs: Iterable[SyncRun]) -> list[tuple[str, str]]:
    """Who and what was wrong in these runs, in their order; of who is hidden by now, the id."""
    query = select(Person.directory_id, Person.handle).where(Person.is_hidden)
    hidden = dict(session.execute(query).all())
    by_handle = {handle: id for id, handle in hidden.items() if handle}
    found = []
    for who, what, *ids in (problem for run in runs for problem in run.problems):
        if (other := _OTHER.fullmatch(what)) and other[1] in by_handle:
            what = SAME_MAIL.format(by_handle[other[1]])
        is_hidden = bool(ids) and ids[0] in hidden
        found.append((ids[0], discreet(what)) if is_hidden else (who, what))
    return found


def same_mails(session: Session, report: SyncReport) -> list[Noted]:
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
    who = select(Person.mail, named_for_operators(), Person.directory_id, Person.left_at.is_(None))
    query = who.where(Person.mail.in_(mails)).order_by(Person.mail, Person.id)
    found, first = [], dict[str, str]()
    for mail, name, id in ((m, n, i) for m, n, i, is_here in session.execute(query) if is_here):
        if (one := first.setdefault(mail, name)) != name:
            found.append(Noted(name, SAME_MAIL.format(one), id))
    return found
