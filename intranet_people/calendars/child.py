"""Reads calendars in a child process that can be killed and is capped in memory.

A calendar of 200 bytes with a hostile RRULE runs for minutes inside the libraries, where
nothing can interrupt it but the end of the process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import weakref
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from threading import Lock, Timer
from typing import IO, Any
from zoneinfo import ZoneInfo

from .source import CalendarError, Reading
from .wire import (
    MOST_BYTES,
    OUT_OF_MEMORY,
    read_frame,
    reading_from_json,
    write_frame,
    write_json,
)

_UTC = ZoneInfo("UTC")
_MOST_ANSWER = 64 * 1024 * 1024
_START_SECONDS = 30.0

# The package's own __init__ brings Flask, which the child has no use for: a bare module of
# that name with the package's path stands in for it. The parent's sys.path is handed over,
# so that the child finds what the parent finds.
_PROGRAM = """
import json, sys, types
package = types.ModuleType("intranet_people")
package.__path__ = [sys.argv[1]]
sys.modules["intranet_people"] = package
sys.path[:] = json.loads(sys.argv[2])
from intranet_people.calendars.child_main import main
main(*sys.argv[3:])
"""
# The parent's other variables hold passwords.
_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONTZPATH", "SYSTEMROOT", "TMPDIR")


class Expander:
    """`ics.expand` for many calendars, each with a limit of time and memory.

    Keeps one child, which is started with the first calendar, replaced after one that broke
    a limit, and ended by `close`, by leaving the `with` block or with the object itself.
    Threads take turns; a process that was forked off starts a child of its own.
    `megabytes` holds where the system has RLIMIT_AS (Linux, not Windows).
    """

    def __init__(self, seconds: float = 2, megabytes: int = 512) -> None:
        self.seconds = seconds
        self.megabytes = megabytes
        self._lock = Lock()
        self._child: _Child | None = None

    def __enter__(self) -> Expander:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the child. The Expander can be used again."""
        child, self._child = self._child, None
        if child is not None:
            child.end()

    def expand(self, data: bytes, start: datetime, end: datetime, zone: ZoneInfo = _UTC) -> Reading:
        """As `ics.expand`. Raises CalendarError, also for more than 10 MB or a broken limit."""
        if len(data) > MOST_BYTES:
            raise CalendarError("is larger than 10 MB")
        request = {"start": start.isoformat(), "end": end.isoformat(), "zone": zone.key}
        with self._lock:
            answer = self._ask(request, data)
        if "error" in answer:
            raise CalendarError(str(answer["error"]))
        try:
            return reading_from_json(answer)
        except (KeyError, TypeError, ValueError, AttributeError):
            raise CalendarError("could not be read: its reader answered nonsense") from None

    def _ask(self, request: dict[str, Any], data: bytes) -> dict[str, Any]:
        if self._child is None or not self._child.is_usable():
            self.close()
            self._child = self._started()
        child, answer = self._child, None
        try:
            answer = child.exchange(self.seconds, request, data)
        finally:
            # Also where we were interrupted: an answer that is still on its way must never
            # be taken for that of the next calendar.
            if answer is None or child.was_late:
                self.close()
        if answer is None:
            raise CalendarError(self._why(child))
        return answer

    def _started(self) -> _Child:
        try:
            child = _Child(self.seconds, self.megabytes)
        except OSError as error:
            raise CalendarError(f"could not be read: no child process ({error})") from None
        if child.exchange(_START_SECONDS) is None:
            child.end()
            raise CalendarError(
                "could not be read: its reader did not start; is intranet-people[calendars] "
                f"installed, and are {self.megabytes} MB enough?"
            )
        return child

    def _why(self, child: _Child) -> str:
        if child.was_late:
            return f"took longer than {self.seconds:g} s"
        if child.process.returncode == OUT_OF_MEMORY:
            return f"needed more than {self.megabytes} MB"
        return f"ended its reader (exit code {child.process.returncode})"


class _Child:
    """One process and its two pipes."""

    def __init__(self, seconds: float, megabytes: int) -> None:
        package = str(Path(__file__).parents[1])
        limits = [str(seconds), str(megabytes)]
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-c", _PROGRAM, package, json.dumps(sys.path), *limits],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
        )
        self.was_late = False
        self._parent = os.getpid()
        self.end = weakref.finalize(self, _end, self.process, self._parent)

    def is_usable(self) -> bool:
        """Whether the child is alive, and was not inherited by a fork of its parent."""
        return self._parent == os.getpid() and self.process.poll() is None

    def exchange(
        self, seconds: float, request: dict[str, Any] | None = None, data: bytes = b""
    ) -> dict[str, Any] | None:
        """Sends a calendar and waits for the answer; None where the child came to its end.

        Blocking pipes with a timer that kills work the same on every system.
        """
        requests, answers = _pipes(self.process)
        timer = Timer(seconds, self._kill)
        timer.start()
        try:
            if request is not None:
                write_json(requests, request)
                write_frame(requests, data)
            answer = read_frame(answers, _MOST_ANSWER)
            return None if answer is None else dict(json.loads(answer))
        except (OSError, ValueError, TypeError):
            return None
        finally:
            timer.cancel()
            timer.join()

    def _kill(self) -> None:
        self.was_late = True
        self.process.kill()


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    if process.stdin is None or process.stdout is None:
        raise ValueError("a child without pipes")
    return process.stdin, process.stdout


def _end(process: subprocess.Popen[bytes], parent: int) -> None:
    """Closes the pipes, at which an idle child ends, then kills what is left and reaps it."""
    for pipe in _pipes(process):
        with suppress(OSError):  # an unsent rest of a calendar
            pipe.close()
    if parent != os.getpid():
        process.returncode = 0  # the child of the process that we were forked off
        return
    try:
        process.wait(timeout=0.5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
