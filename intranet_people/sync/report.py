"""SyncReport: the result of a sync run."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy.orm import Session

from ..problems import Problem
from ..signals import person_changed, person_joined, person_left, person_returned, send

SIGNALS = {
    "joined": person_joined,
    "changed": person_changed,
    "left": person_left,
    "returned": person_returned,
}
KINDS = tuple(SIGNALS)
NAMELESS = "(an entry without id)"


class EntryProblem(NamedTuple):
    """A problem and its subject.

    who  a login name, a DN, or a text if it is not about a person
    id   the directory's id; "" for an entry without one; None if it is not about a person
    """

    who: str
    problem: Problem
    id: str | None


@dataclass
class SyncReport:
    """Ids of people by kind of change, and the problems of entries.

    Hidden people only appear by the directory's id. `concealed` has these ids, and the DNs of
    entries without an id; None if they are not known, which conceals everybody.
    """

    kind: str = "full"
    """Either "full", or "changes" for a read of what changed since the last run."""
    joined: list[int] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)
    left: list[int] = field(default_factory=list)
    returned: list[int] = field(default_factory=list)
    unchanged: int = 0
    disabled: int = 0
    """The number of entries with an inactive account."""
    read: int = 0
    erased: int = 0
    """The number of people who left long ago and were erased."""
    hidden: list[int] = field(default_factory=list)
    """People hidden by this run."""
    shown: list[int] = field(default_factory=list)
    """People no longer hidden after this run."""
    entry_problems: list[EntryProblem] = field(default_factory=list)
    incomplete: Problem | None = None
    hidden_unknown: Problem | None = None
    """Why the list of hidden people is incomplete."""
    concealed: Collection[str] | None = None

    def start_over(self) -> None:
        self.__dict__.update(vars(SyncReport(self.kind, concealed=self.concealed)))

    def add_problem(self, who: str, problem: Problem, id: str | None) -> None:
        self.entry_problems.append(EntryProblem(who, problem, id))

    def name_of(self, who: str, id: str | None) -> str:
        """`who`, but the id for people who are concealed."""
        if id is None or (self.concealed is not None and (id or who) not in self.concealed):
            return who
        return id or NAMELESS

    @property
    def problems(self) -> list[tuple[str, Problem]]:
        """Pairs of who (a login name, an id or a DN) and problem."""
        named = ((self.name_of(n.who, n.id), n) for n in self.entry_problems)
        return [
            (who, n.problem if who == n.who else without_login_name(n.problem)) for who, n in named
        ]

    @property
    def counts(self) -> dict[str, int]:
        kinds = {kind: len(getattr(self, kind)) for kind in KINDS}
        rest = {"unchanged": self.unchanged, "disabled": self.disabled}
        seen = {"hidden": len(self.hidden), "shown": len(self.shown)}
        return {"read": self.read, **kinds, **rest, **seen}

    @property
    def status(self) -> str:
        return "incomplete" if self.reasons else "done"

    @property
    def reasons(self) -> list[Problem]:
        """Why the run is incomplete; empty if it is complete."""
        unknown = Problem("hidden-unknown") if self.hidden_unknown else None
        # The same error may be the reason for both.
        found = dict.fromkeys((self.incomplete, unknown, self.hidden_unknown))
        return [problem for problem in found if problem]


def without_login_name(problem: Problem) -> Problem:
    """The problem without the login name, for somebody whose login name must not be shown."""
    if problem.code == "same-login-name":
        return Problem("same-login-name-hidden")
    return problem


def send_signals(session: Session, report: SyncReport) -> None:
    """Send the host a signal for everybody who joined, changed, left or returned."""
    for kind, signal in SIGNALS.items():
        for id in getattr(report, kind) if signal.receivers else ():
            send(session, signal, person_id=id)
    notified = {*report.joined, *report.changed, *report.returned}
    for id in [*report.hidden, *report.shown] if person_changed.receivers else ():
        if id not in notified:
            send(session, person_changed, person_id=id)
