"""What was measured, as it goes on and as tables at the end."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import click


@dataclass(frozen=True)
class Row:
    """One measurement and its floor, in `unit`; both from the same rounds."""

    what: str
    size: int
    subject: float
    floor: float
    ratio: float
    unit: str = "ms"

    def cells(self) -> list[str]:
        numbers = f"{self.subject:.2f} {self.unit}", f"{self.floor:.2f} {self.unit}"
        return [
            self.what,
            f"{self.size:,}",
            *numbers,
            f"{self.ratio:.1f}",
            f"{1 / self.ratio:.2f} x",
        ]


HEAD = ("measurement", "people", "ours", "floor", "ratio", "rate")


@dataclass(frozen=True)
class Phases:
    """Where the seconds of one run of `flask people sync` went, and its peak memory."""

    what: str
    size: int
    start: float
    read: float
    stage: float
    merge: float
    photos: float
    whole: float
    peak_mb: float

    def cells(self) -> list[str]:
        seconds = (self.start, self.read, self.stage, self.merge, self.photos, self.whole)
        return [
            self.what,
            f"{self.size:,}",
            *(f"{s:.2f} s" for s in seconds),
            f"{self.peak_mb:.0f}",
        ]


PHASES_HEAD = (
    *("sync", "people", "start", "read", "stage", "merge", "photos", "whole command", "peak MB"),
)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; numbers to the right."""
    lines = [head, ["---", *("---:" for _ in head[1:])], *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines) + "\n"


def median_ratio(subject: Sequence[float], floor: Sequence[float]) -> float:
    """The median of the ratios of each round, so that a busy moment counts in both."""
    return statistics.median(s / f for s, f in zip(subject, floor, strict=True))


def percentile(values: Iterable[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


class Progress:
    """Lines on stderr, each with the seconds since the start."""

    def __init__(self) -> None:
        self.began, self.shown = time.monotonic(), 0.0

    def say(self, text: str) -> None:
        click.echo(f"[{time.monotonic() - self.began:6.1f} s] {text}", err=True)

    def step(self, what: str, n: int, of: int) -> None:
        """A line that rewrites itself on a terminal; nothing in a log."""
        moment = time.monotonic()
        if not sys.stderr.isatty() or (moment - self.shown < 0.1 and n != of):
            return
        self.shown = moment
        end = "\n" if n == of else ""
        click.echo(f"\r           {what} {n:,} of {of:,}{end}", err=True, nl=False)
