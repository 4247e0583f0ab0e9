"""The guard: a run that would mark or show too many people stops before it writes."""

from __future__ import annotations

from datetime import timedelta

from ..problems import Problem

MIN = 5
CLOCKS_DIFFER = timedelta(minutes=5)
"""At most, those of the machines that sync and that serve pages."""


class RefusedByGuard(Exception):
    """The run would mark too many people as left, or show too many who are hidden. Nothing was
    written; the text says what to do."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(" ".join(f"{p}. Nothing was changed. {p.kind.advice}" for p in problems))
        self.problems = problems


def is_too_many(some: int, of: int, percent: int) -> bool:
    """More than MIN and more than that percentage; or all of them, however few."""
    return some > max(MIN, of * percent // 100) or (some > 0 and some >= of)


def refuse(reasons: list[Problem | None]) -> None:
    """Raise RefusedByGuard with all refusals at once, as --force overrides all of them."""
    if found := [reason for reason in reasons if reason]:
        raise RefusedByGuard(found)
