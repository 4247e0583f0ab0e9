"""The child process, as its parent sees it.

A calendar of 200 bytes or a photo of a megabyte can keep the libraries busy for minutes, where
nothing can interrupt them but the end of the process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import weakref
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, Timer
from typing import IO, Any, Self

from .messages import OUT_OF_MEMORY, Message, read_message, write_message

_START_SECONDS = 30.0

# The package's own __init__ brings Flask, which the child has no use for: a bare module of
# that name with the package's path stands in for it. The parent's sys.path is handed over,
# so that the child finds what the parent finds.
_PROGRAM = """
import importlib, json, sys, types
package = types.ModuleType("intranet_people")
package.__path__ = [sys.argv[1]]
sys.modules["intranet_people"] = package
sys.path[:] = json.loads(sys.argv[2])
importlib.import_module(sys.argv[3]).main(*sys.argv[4:])
"""
# The parent's other variables hold passwords.
_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONTZPATH", "SYSTEMROOT", "TMPDIR")


class ChildError(Exception):
    """There is no answer; the text says why."""


class NotStarted(ChildError):
    """There is no child at all: nothing is said of what was asked."""


class TooLate(ChildError):
    """It was killed, as its time was up."""


class OutOfMemory(ChildError):
    """It reached its limit."""


class Crashed(ChildError):
    """It came to its end by itself, or by somebody else, or answered nonsense."""


@dataclass(frozen=True)
class Limits:
    """Of one answer. `megabytes` holds where the system has RLIMIT_AS (Linux, not Windows)."""

    seconds: float
    megabytes: int
    nice: int = 0
    """By how much others go first, from 0 to 19 (POSIX)."""


class Child:
    """A process that runs `main` of the module of that name, which calls `serve.serve`.

    It is started with the first request, replaced after one that broke a limit, and ended by
    `close`, by leaving the `with` block or with the object itself. Threads take turns; a process
    that was forked off starts a child of its own.
    """

    def __init__(self, module: str, limits: Limits) -> None:
        self.module = module
        self.limits = limits
        self._lock = Lock()
        self._process: _Process | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """Of the process, where there is one."""
        return self._process.pid if self._process else None

    def close(self) -> None:
        """Ends the process. The Child can be used again."""
        process, self._process = self._process, None
        if process is not None:
            process.end()

    def ask(self, head: dict[str, Any], body: bytes) -> Message:
        """The answer to one request. Raises ChildError."""
        with self._lock:
            return self._ask(head, body)

    def _ask(self, head: dict[str, Any], body: bytes) -> Message:
        if self._process is None or not self._process.is_usable():
            self.close()
            self._process = self._started()
        process, answer = self._process, None
        try:
            answer = process.exchange(self.limits.seconds, (head, body))
        finally:
            # Also where we were interrupted: an answer that is still on its way must never
            # be taken for that to the next request.
            if answer is None or process.was_late:
                self.close()
        if answer is None:
            raise self._why(process)
        return answer

    def _started(self) -> _Process:
        try:
            process = _Process(self.module, self.limits)
        except OSError as error:
            raise NotStarted(f"no child process ({error})") from None
        if process.exchange(_START_SECONDS) is None:
            process.end()
            raise NotStarted("a child process did not start; is all installed that it needs?")
        return process

    def _why(self, process: _Process) -> ChildError:
        if process.was_late:
            return TooLate(f"took longer than {self.limits.seconds:g} s")
        if process.exit_code == OUT_OF_MEMORY:
            return OutOfMemory(f"needed more than {self.limits.megabytes} MB")
        return Crashed(f"ended its reader (exit code {process.exit_code})")


class _Process:
    """One process and its two pipes."""

    def __init__(self, module: str, limits: Limits) -> None:
        package = str(Path(__file__).parents[1])
        arguments = [package, json.dumps(sys.path), module]
        arguments += [str(limits.seconds), str(limits.megabytes), str(limits.nice)]
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", _PROGRAM, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
        )
        self.pid = self._process.pid
        self.was_late = False
        self._parent = os.getpid()
        self.end = weakref.finalize(self, _end, self._process, self._parent)

    @property
    def exit_code(self) -> int | None:
        """Where it has ended; a negative one is that of the signal."""
        return self._process.returncode

    def is_usable(self) -> bool:
        """Whether the child is alive, and was not inherited by a fork of its parent."""
        return self._parent == os.getpid() and self._process.poll() is None

    def exchange(self, seconds: float, request: Message | None = None) -> Message | None:
        """Sends a request and waits for the answer; None where the child came to its end.

        Blocking pipes with a timer that kills work the same on every system.
        """
        requests, answers = _pipes(self._process)
        timer = Timer(seconds, self._kill)
        timer.start()
        try:
            if request is not None:
                write_message(requests, *request)
            return read_message(answers)
        except (OSError, ValueError, RecursionError):
            return None
        finally:
            timer.cancel()
            timer.join()

    def _kill(self) -> None:
        self.was_late = True
        self._process.kill()


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    if process.stdin is None or process.stdout is None:
        raise ValueError("a child without pipes")
    return process.stdin, process.stdout


def _end(process: subprocess.Popen[bytes], parent: int) -> None:
    """Closes the pipes, at which an idle child ends, then kills what is left and reaps it."""
    for pipe in _pipes(process):
        with suppress(OSError):  # an unsent rest of a request
            pipe.close()
    if parent != os.getpid():
        process.returncode = 0  # the child of the process that we were forked off
        return
    try:
        process.wait(timeout=0.5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
