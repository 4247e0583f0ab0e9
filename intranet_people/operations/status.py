"""The state of the sync and its problems, for the status page and the monitor."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..jobs.lease import is_held
from ..people.person import Person, active, behind
from ..problems import Problem
from ..sync.history import SyncRun, last_run
from ..sync.problems import entry_problems, run_problems
from ..sync.report import NAMELESS
from ..sync.staged import PhotoSource

LISTED = 200
# Problems of entries that are stored only with the run, not in the rows of people.
APART = {"same-mail", "same-login-name", "same-login-name-hidden", "same-id"}


@dataclass(frozen=True)
class State:
    """`status` of the last run: never, running, interrupted, or as in SyncRun."""

    status: str
    last: SyncRun | None
    done: SyncRun | None
    """The last successful run, of either kind."""
    whole: SyncRun | None
    """The last successful run that read everybody."""

    @property
    def people(self) -> int:
        """The number of people in the last full run."""
        here = ("joined", "changed", "returned", "unchanged")
        return sum(self.whole.counts.get(kind, 0) for kind in here) if self.whole else 0

    @property
    def reasons(self) -> list[Problem]:
        return self.last.reasons if self.last else []


class EntryWithProblems(NamedTuple):
    person: Person
    problems: list[Problem]


def state(session: Session) -> State:
    last, done = last_run(session), last_run(session, "done")
    is_whole = done is not None and done.kind == "full"
    whole = done if is_whole else last_run(session, "done", kind="full")
    status = last.status if last else "never"
    if status == "running" and not is_held(session, "sync"):
        status = "interrupted"
    return State(status, last, done, whole)


def age(run: SyncRun | None, moment: datetime) -> int | None:
    """Seconds since it started."""
    return int((moment - run.started_at).total_seconds()) if run else None


def entries_with_problems(
    session: Session, after: tuple[str, int] | None, limit: int
) -> list[EntryWithProblems]:
    """People whose entries have problems, in order of their names, from `after` on.

    Without hidden people: even the address of the next page would name them.
    """
    query = select(Person).where(active(), ~Person.is_hidden, Person.problems.is_not(None))
    query = query.where(behind(after))
    people = session.scalars(query.order_by(Person.sort_key, Person.id).limit(limit))
    return [EntryWithProblems(person, person.problems or []) for person in people]


def broken_photos(session: Session) -> list[EntryWithProblems]:
    """The first LISTED people whose photo cannot be read, and why."""
    query = (
        select(Person, PhotoSource.problem)
        .join(PhotoSource, PhotoSource.digest == Person.photo_offered)
        .where(PhotoSource.problem.is_not(None), active(), ~Person.is_hidden)
        .order_by(Person.sort_key, Person.id)
        .limit(LISTED)
    )
    return [
        EntryWithProblems(person, [problem])
        for person, problem in session.execute(query)
        if problem
    ]


def apart(
    session: Session, runs: Iterable[SyncRun], whole: SyncRun | None
) -> list[tuple[str, Problem]]:
    """Problems that the last full run and the runs since reported, but that are in no person's row,
    the latest first; and those of hidden people: (who, what).

    The first LISTED. Who is a login name or a DN; for hidden people it is the id.
    """
    runs = [run for run in runs if whole is None or run.id > whole.id]
    pairs = [
        (who, problem)
        for who, problem in run_problems(session, [*runs, *([whole] if whole else [])])
        if "=" in who or who == NAMELESS or problem.code in APART
    ]
    pairs += entry_problems(session, LISTED, only_hidden=True)
    return list(dict.fromkeys(pairs))[:LISTED]


def is_operator(person: Person | None, operators: Sequence[str]) -> bool:
    """Whether PEOPLE_OPERATORS has the login name of that person, in any case."""
    return bool(person and person.handle in {name.lower() for name in operators})
