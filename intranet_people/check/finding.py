"""What a check found: one line, and what to do."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TypeVar

from ..text import one_line

MARKS = {True: "ok", False: "NO", None: "--"}

T = TypeVar("T")
Findings = Generator["Finding", None, T]
"""Findings as they come; and what the next steps need of these."""


@dataclass(frozen=True)
class Finding:
    """`ok` is None for a remark: nothing that has to be mended."""

    ok: bool | None
    what: str
    hint: str = ""
    lines: tuple[str, ...] = ()
    """What stands below it, as it is."""

    def __str__(self) -> str:
        """For a terminal: a mark, what was found, and below it the hint."""
        below = [f"     > {self.hint}"] if self.hint else []
        below += [f"       {line}" for line in self.lines]
        return "\n".join([f"{MARKS[self.ok]:4} {self.what}", *below])


def describe(e: BaseException) -> str:
    """An error in one line, also where the server chose the words."""
    return one_line(str(e)) or type(e).__name__
