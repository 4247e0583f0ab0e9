"""The parent's side of a child process.

A calendar of 200 bytes or a photo of a megabyte can keep the libraries busy for minutes, and only
killing the process can interrupt them.
"""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Lock
from typing import Any, Self

from .messages import OUT_OF_MEMORY, Message, receive, send

_START_SECONDS = 30.0

# The child imports from where the parent does.
_PROGRAM = """
import importlib, json, sys
sys.path[:] = json.loads(sys.argv[1])
importlib.import_module(sys.argv[2]).main(*sys.argv[3:])
"""
# The parent's other variables hold passwords.
_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONTZPATH", "TMPDIR")
_NO_ANSWER = (OSError, EOFError, ValueError, RecursionError)


class ChildError(Exception):
    """There is no answer; the text gives the reason."""


class NotStarted(ChildError):
    """The child could not be started, whatever the request was."""


class TooLate(ChildError):
    """It was killed because it took too long."""


class OutOfMemory(ChildError):
    """It reached its limit of memory."""


class Crashed(ChildError):
    """It ended, was killed by somebody else, or sent an invalid answer."""


@dataclass(frozen=True)
class Limits:
    """Limits for one answer."""

    seconds: float
    megabytes: int
    """Address space (RLIMIT_AS)."""
    nice: int = 0
    """Niceness of the process, from 0 to 19."""


class Child:
    """A process that runs `main` of that module, which calls `serve.serve`.

    It starts with the first request, and is replaced after a request that broke a limit. It ends
    with `close`, the `with` block or the object itself. Threads take turns; a forked process starts
    a child of its own.
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
        """The process id; None if it is not running."""
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
        except TimeoutError:
            raise TooLate(f"took longer than {self.limits.seconds:g} s") from None
        except _NO_ANSWER:
            self.close()
            if process.exit_code == OUT_OF_MEMORY:
                raise OutOfMemory(f"needed more than {self.limits.megabytes} MB") from None
            raise Crashed(f"ended its reader (exit code {process.exit_code})") from None
        finally:
            # After an interruption too: a late answer must never be taken for the answer to the
            # next request.
            if answer is None:
                self.close()
        return answer

    def _started(self) -> _Process:
        try:
            process = _Process(self.module, self.limits)
        except OSError as error:
            raise NotStarted(f"no child process ({error})") from None
        try:
            process.exchange(_START_SECONDS)
        except _NO_ANSWER:
            process.end()
            raise NotStarted(
                "a child process did not start; is all installed that it needs?"
            ) from None
        return process


class _Process:
    """One process and its socket, which is its stdin."""

    def __init__(self, module: str, limits: Limits) -> None:
        arguments = [json.dumps([*sys.path, str(Path(__file__).parents[2])]), module]
        arguments += [str(limits.seconds), str(limits.megabytes), str(limits.nice)]
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        with ours, theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", _PROGRAM, *arguments],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
            )
            self._connection = _TimedConnection(ours.detach())
        self.pid = self._process.pid
        self._parent = os.getpid()
        self.end = weakref.finalize(self, _end, self._process, self._connection, self._parent)

    @property
    def exit_code(self) -> int | None:
        """The exit code; negative for a signal, None while it is running."""
        return self._process.poll()

    def is_usable(self) -> bool:
        """Whether the child is alive and ours, not that of a process that forked us."""
        return self._parent == os.getpid() and self._process.poll() is None

    def exchange(self, seconds: float, request: Message | None = None) -> Message:
        """Send a request and wait for the answer.

        Raises one of _NO_ANSWER. At a TimeoutError the child is killed.
        """
        self._connection.deadline = time.monotonic() + seconds
        try:
            if request is not None:
                send(self._connection, *request)
            return receive(self._connection)
        except TimeoutError:
            self._process.kill()
            raise


class _TimedConnection(Connection):
    """A connection with one deadline for a whole message.

    `poll` would wait for the first byte only, and a child that was taken over could send byte by
    byte. The socket has to be non-blocking.
    """

    deadline = 0.0

    def _send(self, data: bytes, write: object = None) -> None:
        super()._send(data, partial(self._in_time, select.POLLOUT, os.write))  # type: ignore[misc]

    def _recv(self, size: int, read: object = None) -> Any:
        return super()._recv(size, partial(self._in_time, select.POLLIN, os.read))  # type: ignore[misc]

    def _in_time(self, event: int, move: Callable[[int, Any], Any], fd: int, what: Any) -> Any:
        left = self.deadline - time.monotonic()
        waiting = select.poll()
        waiting.register(fd, event)
        if left <= 0 or not waiting.poll(left * 1000):
            raise TimeoutError
        return move(fd, what)


def _end(process: subprocess.Popen[bytes], connection: Connection, parent: int) -> None:
    """Close the connection, which ends an idle child; kill any other, and reap it."""
    connection.close()
    if parent != os.getpid():
        process.returncode = 0  # not our child, but that of the process that forked us
        return
    try:
        process.wait(timeout=0.5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
