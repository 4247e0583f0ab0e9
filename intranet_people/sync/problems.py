"""Current problems of entries and photos."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..db.rows import chunks
from ..people.person import Person, active, in_order_for_operators, named_for_operators
from ..problems import Problem
from .history import SyncRun
from .report import Noted, SyncReport, discreet
from .staged import PhotoSource

LISTED = 1000
SAME_MAIL, SAME_LOGIN_NAME = "same-mail", "same-login-name"


def entry_problems(
    session: Session, limit: int = LISTED, *, only_hidden: bool = False
) -> list[tuple[str, Problem]]:
    """Who (a login name, or the id of who has none or is hidden) and what is wrong, in order of
    the names; who is hidden at the end, where their place tells nothing."""
    query = select(named_for_operators(), Person.problems).where(
        active(), Person.problems.is_not(None)
    )
    if only_hidden:
        query = query.where(Person.is_hidden)
    rows = session.execute(query.order_by(*in_order_for_operators()).limit(limit))
    found = [(who, what) for who, several in rows for what in several]
    return (found + photo_problems(session, limit=limit, only_hidden=only_hidden))[:limit]


def photo_problems(
    session: Session,
    digests: Collection[str] | None = None,
    limit: int = LISTED,
    *,
    only_hidden: bool = False,
) -> list[tuple[str, Problem]]:
    """People whose photo cannot be shown, and why; only of `digests` if given."""
    query = (
        select(named_for_operators(), PhotoSource.problem)
        .join(PhotoSource, PhotoSource.digest == Person.photo_offered)
        .where(active(), PhotoSource.problem.is_not(None))
    )
    if digests is not None:
        query = query.where(PhotoSource.digest.in_(digests))
    if only_hidden:
        query = query.where(Person.is_hidden)
    rows = session.execute(query.order_by(*in_order_for_operators()).limit(limit))
    return [(who, problem) for who, problem in rows if problem]


def run_problems(session: Session, runs: Iterable[SyncRun]) -> list[tuple[str, Problem]]:
    """Who and what was wrong in these runs, in their order."""
    rows = (problem for run in runs for problem in run.problems)
    return told(session, [(who, id, Problem(*values)) for who, id, *values in rows])


def told(session: Session, noted: Sequence[tuple[str, str, Problem]]) -> list[tuple[str, Problem]]:
    """For operators, of problems with who that was and the directory's id: by the names that people
    have now, and the id of who is hidden by now, also where another has their login name or mail.
    """
    hidden = select(Person.directory_id, Person.handle).where(Person.is_hidden)
    handles = dict(session.execute(hidden).all())
    names = _names(session, {p.detail for *_, p in noted if p.code == SAME_MAIL})
    found = []
    for who, id, problem in noted:
        if problem.code == SAME_MAIL:
            problem = problem._replace(detail=names.get(problem.detail, problem.detail))
        is_of_hidden = problem.code == SAME_LOGIN_NAME and who in handles.values()
        is_hidden = id in handles or is_of_hidden
        found.append((id, discreet(problem)) if is_hidden else (who, problem))
    return found


def _names(session: Session, ids: Collection[str]) -> dict[str, str]:
    names = dict[str, str]()
    for some in chunks(sorted(ids)):
        query = select(Person.directory_id, named_for_operators())
        names |= dict(session.execute(query.where(Person.directory_id.in_(some))).all())
    return names


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
        if (one := first.setdefault(mail, id)) != id:
            found.append(Noted(name, Problem(SAME_MAIL, "", one), id))
    return found
