"""What a log and a terminal are told of a long run."""

from __future__ import annotations

import os
import pty
import re
import select
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from types import SimpleNamespace

import pytest
from flask import Flask

from intranet_people.jobs.progress import Progress
from intranet_people.operations.commands import sync

STEP = r"\[ +\d+\.\d s\] "


class Clock:
    """Seconds that pass only when they are told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(
        "intranet_people.jobs.progress.time", SimpleNamespace(monotonic=clock.monotonic)
    )
    return clock


class Terminal:
    """A real one, as stderr; what it was sent since it was last asked."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def shown(self) -> list[str]:
        """The lines, each as it was written over the last one."""
        written = b""
        while select.select([self._descriptor], [], [], 0.05)[0]:
            written += os.read(self._descriptor, 65536)
        return [line for line in re.split(r"\r?\n|\r", written.decode()) if line]


@contextmanager
def terminal() -> Iterator[Terminal]:
    ours, theirs = pty.openpty()
    try:
        with os.fdopen(theirs, "w", encoding="utf-8") as stderr, redirect_stderr(stderr):
            yield Terminal(ours)
    finally:
        os.close(ours)


def read_people(steps: Progress, clock: Clock) -> None:
    """A thousand in ten seconds, of which five hundred in the first five."""
    clock.now += 2
    steps.say("reading everything")
    for n in range(100, 1001, 100):
        clock.now += 1
        steps.step(n)
    steps.say("writing 4 changes")
    steps.end()


def test_a_log_has_a_line_a_step(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    read_people(Progress("people", 1000), clock)
    assert capsys.readouterr().err.splitlines() == [
        "[    2.0 s] reading everything",
        "[   12.0 s] 1,000 people, 100/s",
        "[   12.0 s] writing 4 changes",
    ]


def test_a_terminal_has_a_line_that_moves(clock: Clock) -> None:
    with terminal() as screen:
        read_people(Progress("people", 1000), clock)
        shown = screen.shown()
    assert shown[0] == "[    2.0 s] reading everything"
    moving = [line.removesuffix("\x1b[K") for line in shown if line.startswith("people ")]
    assert len(moving) == 10
    assert moving[0] == f"people [{'##':24}] 100 of 1,000, 100/s, 9 s left"
    assert moving[4] == f"people [{'#' * 12:24}] 500 of 1,000, 100/s, 5 s left"
    assert moving[9] == f"people [{'#' * 24}] 1,000 of 1,000, 100/s, 0 s left"
    # The moving line is wiped, and what stays is what a log has.
    assert shown[-2:] == ["\x1b[K[   12.0 s] 1,000 people, 100/s", "[   12.0 s] writing 4 changes"]


def test_a_terminal_is_not_written_to_all_the_time(clock: Clock) -> None:
    with terminal() as screen:
        steps = Progress("photos")
        for n in range(1, 1001):
            clock.now += 0.01
            steps.step(n, 1000)
        moving = [line for line in screen.shown() if line.startswith("photos ")]
    assert 80 < len(moving) < 120
    assert "1,000 of 1,000" in moving[-1]


def test_minutes_are_said_as_such(clock: Clock) -> None:
    with terminal() as screen:
        steps = Progress("people", 100_000)
        clock.now += 10
        steps.step(20_000)
        assert "20,000 of 100,000, 2,000/s, 40 s left" in screen.shown()[-1]
        clock.now += 50
        steps.step(25_000)
        assert "25,000 of 100,000, 417/s, 3 min 00 s left" in screen.shown()[-1]


@pytest.mark.parametrize("expected", [0, 50])
def test_where_it_is_not_known_how_many_come(clock: Clock, expected: int) -> None:
    """The first time, or where there are more than the last time: no promise is made."""
    with terminal() as screen:
        steps = Progress("people", expected)
        clock.now += 2
        steps.step(80)
        assert screen.shown() == ["people: 80, 40/s\x1b[K"]


def test_the_first_moment_is_no_division_by_zero(clock: Clock) -> None:
    with terminal() as screen:
        for expected in (0, 100):
            steps = Progress("people", expected)
            steps.say("reading everything")
            steps.step(0)
            steps.step(1)
            steps.end()
        said = [line for line in screen.shown() if "/s" in line]
    assert said[-1].endswith("1 people, 1,000/s")


def test_what_a_log_has_of_a_sync(company_app: Flask) -> None:
    done = company_app.test_cli_runner().invoke(args=["people", "sync", "--full"])
    lines = done.output.splitlines()
    for n, said in enumerate(
        (r"reading everything", r"\d+ people, [\d,]+/s", r"writing \d+ changes")
    ):
        assert re.fullmatch(STEP + said, lines[n]), lines


@pytest.mark.parametrize("backend", ["sqlite"])
def test_what_a_terminal_has_of_a_sync(company_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as the last time are expected."""
    monkeypatch.setattr("intranet_people.sync.read.BATCH", 40)
    with terminal() as screen, company_app.app_context():
        sync.main(["--full"], standalone_mode=False)
        shown = screen.shown()
    (first, *_) = [line for line in shown if line.startswith("people ")]
    bar = re.escape(f"people [{'#' * 8:24}] 40 of 120, ")
    assert re.match(bar + r"[\d,]+/s, \d+ s left", first), shown
