"""What a run of the sync did, or would do."""

from __future__ import annotations

from dataclasses import dataclass, field

KINDS = ("joined", "changed", "left", "returned")


@dataclass
class Report:
    """Ids by kind, and who is doubtful for what reason."""

    joined: list[int] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)
    left: list[int] = field(default_factory=list)
    returned: list[int] = field(default_factory=list)
    names: dict[int, str] = field(default_factory=dict)
    """Of the first few of each kind."""
    unchanged: int = 0
    read: int = 0
    problems: list[tuple[str, str]] = field(default_factory=list)
    """Who (a login name or DN), and what was wrong."""
    incomplete: str = ""

    @property
    def counts(self) -> dict[str, int]:
        kinds = {kind: len(getattr(self, kind)) for kind in KINDS}
        return {"read": self.read, **kinds, "unchanged": self.unchanged}
