"""What a run of the sync did."""

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


class Noted(NamedTuple):
    """What was wrong with whom.

    who  a login name or DN, or what it is else
    id   the directory's; "" of an entry without one; None where it is about no person
    """

    who: str
    problem: Problem
    id: str | None


@dataclass
class SyncReport:
    """Ids by kind, and the problems of entries.

    Who is hidden is named by the directory's id alone. `concealed` are those: ids, and DNs of
    entries without one; None, and so everybody, as long as that is not known.
    """

    kind: str = "full"
    """full, or changes: only what changed since the run before was read."""
    joined: list[int] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)
    left: list[int] = field(default_factory=list)
    returned: list[int] = field(default_factory=list)
    unchanged: int = 0
    disabled: int = 0
    """Entries whose account is not active."""
    read: int = 0
    erased: int = 0
    """People who left long ago."""
    hidden: list[int] = field(default_factory=list)
    """People who are hidden from this run on."""
    shown: list[int] = field(default_factory=list)
    """People who are no longer hidden."""
    noted: list[Noted] = field(default_factory=list)
    incomplete: Problem | None = None
    hidden_unknown: Problem | None = None
    """Why the hidden people could not be read, or not completely."""
    concealed: Collection[str] | None = None

    def start_over(self) -> None:
        self.__dict__.update(vars(SyncReport(self.kind, concealed=self.concealed)))

    def note(self, who: str, problem: Problem, id: str | None) -> None:
        self.noted.append(Noted(who, problem, id))

    def name_of(self, who: str, id: str | None) -> str:
        """`who`, or the id alone."""
        if id is None or (self.concealed is not None and (id or who) not in self.concealed):
            return who
        return id or NAMELESS

    @property
    def problems(self) -> list[tuple[str, Problem]]:
        """Who (a login name, an id or a DN), and what was wrong."""
        named = ((self.name_of(n.who, n.id), n) for n in self.noted)
        return [(who, n.problem if who == n.who else discreet(n.problem)) for who, n in named]

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
        """Why the run is incomplete: what the directory did not give."""
        unknown = Problem("hidden-unknown") if self.hidden_unknown else None
        # One read that broke off may be the reason for both.
        found = dict.fromkeys((self.incomplete, unknown, self.hidden_unknown))
        return [problem for problem in found if problem]


def discreet(problem: Problem) -> Problem:
    """The same for somebody whose login name must not be shown."""
    if problem.code == "same-login-name":
        return Problem("same-login-name-hidden")
    return problem


def send_signals(session: Session, report: SyncReport) -> None:
    """Send the host a signal for everybody who joined, changed, left or returned."""
    for kind, signal in SIGNALS.items():
        for id in getattr(report, kind) if signal.receivers else ():
            send(session, signal, person_id=id)
    told = {*report.joined, *report.changed, *report.returned}
    for id in [*report.hidden, *report.shown] if person_changed.receivers else ():
        if id not in told:
            send(session, person_changed, person_id=id)
