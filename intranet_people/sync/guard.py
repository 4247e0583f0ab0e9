"""The guard: stops a run before it marks too many people as left, or shows too many."""

from __future__ import annotations

from datetime import timedelta

from ..problems import Problem

MIN_PEOPLE = 5
MAX_CLOCK_SKEW = timedelta(minutes=5)
"""The greatest difference between the clocks of the machines that sync and that serve pages."""


class RefusedByGuard(Exception):
    """The run would mark too many people as left, or show too many who are hidden. Nothing was
    written; the text tells what to do."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(" ".join(f"{p}. Nothing was changed. {p.kind.advice}" for p in problems))
        self.problems = problems


def is_too_many(count: int, total: int, percent: int) -> bool:
    """Whether `count` of `total` is more than MIN and more than `percent`, or all of them."""
    return count > max(MIN_PEOPLE, total * percent // 100) or (count > 0 and count >= total)


def refuse(reasons: list[Problem | None]) -> None:
    """Raise RefusedByGuard with all refusals at once, as --force overrides all of them."""
    if found := [reason for reason in reasons if reason]:
        raise RefusedByGuard(found)
