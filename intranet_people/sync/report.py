"""What a run of the sync did."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from ..signals import person_changed, person_joined, person_left, person_returned, send

SIGNALS = {
    "joined": person_joined,
    "changed": person_changed,
    "left": person_left,
    "returned": person_returned,
}
KINDS = tuple(SIGNALS)


@dataclass
class Report:
    """Ids by kind, and who is doubtful for what reason."""

    kind: str = "full"
    """full; changes: only what changed since the run before was read; newcomer: one entry."""
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
    problems: list[tuple[str, str]] = field(default_factory=list)
    """Who (a login name or DN), and what was wrong."""
    incomplete: str = ""

    def start_over(self) -> None:
        self.__dict__.update(vars(Report(self.kind)))

    @property
    def counts(self) -> dict[str, int]:
        kinds = {kind: len(getattr(self, kind)) for kind in KINDS}
        return {"read": self.read, **kinds, "unchanged": self.unchanged, "disabled": self.disabled}

    @property
    def status(self) -> str:
        return "incomplete" if self.incomplete else "done"


def send_signals(session: Session, report: Report) -> None:
    """The host hears of everybody whom a run brought, changed or marked as left."""
    for kind, signal in SIGNALS.items():
        for id in getattr(report, kind) if signal.receivers else ():
            send(session, signal, person_id=id)
