"""Current problems of entries and photos."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..db.rows import chunks
from ..people.person import Person, active, in_order_for_operators, named_for_operators
from ..problems import Problem
from .history import SyncRun
from .report import EntryProblem, SyncReport, without_login_name
from .staged import PhotoSource

MAX_LISTED = 1000
SAME_MAIL, SAME_LOGIN_NAME = "same-mail", "same-login-name"


def entry_problems(
    session: Session, limit: int = MAX_LISTED, *, only_hidden: bool = False
) -> list[tuple[str, Problem]]:
    """Pairs of who (a login name, or an id if it is hidden or missing) and problem, sorted by name.
    Hidden people come last, so that their position does not reveal their name."""
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
    limit: int = MAX_LISTED,
    *,
    only_hidden: bool = False,
) -> list[tuple[str, Problem]]:
    """Pairs of who and the problem of their photo; only for the photos in `digests` if given."""
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
    """Pairs of who and problem of these runs, in the same order."""
    rows = (problem for run in runs for problem in run.problems)
    return for_operators(session, [(who, id, Problem(*values)) for who, id, *values in rows])


def for_operators(
    session: Session, rows: Sequence[tuple[str, str, Problem]]
) -> list[tuple[str, Problem]]:
    """Pairs of who and problem for operators, from who, the directory's id and problem.

    They have the current names. People who are hidden by now appear by id, also in the problem of
    another person with the same login name or mail.
    """
    hidden = select(Person.directory_id, Person.handle).where(Person.is_hidden)
    handles = dict(session.execute(hidden).all())
    names = _names(session, {p.detail for *_, p in rows if p.code == SAME_MAIL})
    found = []
    for who, id, problem in rows:
        if problem.code == SAME_MAIL:
            problem = problem._replace(detail=names.get(problem.detail, problem.detail))
        is_of_hidden = problem.code == SAME_LOGIN_NAME and who in handles.values()
        is_hidden = id in handles or is_of_hidden
        found.append((id, without_login_name(problem)) if is_hidden else (who, problem))
    return found


def _names(session: Session, ids: Collection[str]) -> dict[str, str]:
    names = dict[str, str]()
    for batch in chunks(sorted(ids)):
        query = select(Person.directory_id, named_for_operators())
        names |= dict(session.execute(query.where(Person.directory_id.in_(batch))).all())
    return names


def same_mails(session: Session, report: SyncReport) -> list[EntryProblem]:
    """Problems of people with the same mail as another: of everybody after a full run, else of the
    people whom the run changed."""
    if report.kind == "full":
        # This only needs the index; who has left is filtered later.
        repeated = select(Person.mail).where(Person.mail != "").group_by(Person.mail)
        mails = session.scalars(repeated.having(func.count() > 1).limit(MAX_LISTED)).all()
    else:
        ids = [*report.joined, *report.changed, *report.returned][:MAX_LISTED]
        changed = select(Person.mail).where(Person.id.in_(ids), Person.mail != "")
        mails = session.scalars(changed).all()
    # `left_at` is filtered in Python, as SQLite would scan everybody who has not left.
    who = select(Person.mail, named_for_operators(), Person.directory_id, Person.left_at.is_(None))
    query = who.where(Person.mail.in_(mails)).order_by(Person.mail, Person.id)
    found, first = [], dict[str, str]()
    for mail, name, id in ((m, n, i) for m, n, i, is_here in session.execute(query) if is_here):
        if (first_id := first.setdefault(mail, id)) != id:
            found.append(EntryProblem(name, Problem(SAME_MAIL, "", first_id), id))
    return found
