"""Finding: one result of a check, with a hint what to do."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TypeVar

from ..text import one_line

MARKS = {True: "ok", False: "NO", None: "--"}

T = TypeVar("T")
Findings = Generator["Finding", None, T]
"""Yields findings; returns a value for the next steps."""


@dataclass(frozen=True)
class Finding:
    """One result. `ok` is False for something to fix and None for a remark."""

    ok: bool | None
    what: str
    hint: str = ""
    lines: tuple[str, ...] = ()
    """More lines, shown below the hint."""

    def __str__(self) -> str:
        """The text for a terminal, with a mark in front."""
        below = [f"     > {self.hint}"] if self.hint else []
        below += [f"       {line}" for line in self.lines]
        return "\n".join([f"{MARKS[self.ok]:4} {self.what}", *below])


def describe(e: BaseException) -> str:
    """The text of an error in one line, as a server may have written it."""
    return one_line(str(e)) or type(e).__name__
