"""Progress of a long run: a moving line on a terminal, one line per step in a log."""

from __future__ import annotations

import sys
import time

import click


class Progress:
    """Writes steps and progress to stderr. `expected` is the estimated number of items."""

    def __init__(self, what: str, expected: int = 0) -> None:
        self.what, self.expected = what, expected
        self.began = self.step_began = time.monotonic()
        self.shown, self.n = 0.0, 0
        self.is_terminal = sys.stderr.isatty()

    def say(self, step: str) -> None:
        """A step begins."""
        self._end_line()
        click.echo(f"[{time.monotonic() - self.began:7.1f} s] {step}", err=True)
        self.step_began, self.n = time.monotonic(), 0

    def step(self, n: int, of: int = 0) -> None:
        """`n` of `of` items are done; `of` is 0 if it is not known."""
        self.n = n
        moment = time.monotonic()
        if self.is_terminal and (moment - self.shown > 0.1 or n == of):
            self.shown = moment
            sys.stderr.write(f"\r{self._line(n, of or self.expected)}\x1b[K")
            sys.stderr.flush()

    def end(self) -> None:
        self._end_line()

    def _end_line(self) -> None:
        """Finish the step: in a log, this is its only line."""
        if not self.n:
            return
        seconds = max(time.monotonic() - self.step_began, 0.001)
        if self.is_terminal:
            sys.stderr.write("\r\x1b[K")
        rate = f"{self.n / seconds:,.0f}/s"
        click.echo(
            f"[{time.monotonic() - self.began:7.1f} s] {self.n:,} {self.what}, {rate}", err=True
        )
        self.n = 0

    def _line(self, n: int, of: int) -> str:
        rate = n / max(time.monotonic() - self.step_began, 0.001)
        if of < n:
            return f"{self.what}: {n:,}, {rate:,.0f}/s"
        left = (of - n) / max(rate, 0.001)
        bar = f"[{'#' * (24 * n // of):24}]" if of else ""
        return f"{self.what} {bar} {n:,} of {of:,}, {rate:,.0f}/s, {_say(left)} left"


def _say(seconds: float) -> str:
    minutes, rest = divmod(int(seconds + 0.5), 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
