"""LDAP messages off a socket, each whole within a time that its bytes cannot stretch."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

from .ber import Malformed
from .changes import KnownDigests
from .entry import Entry
from .errors import ConnectionLost
from .messages import Result, decode, message_length
from .search import Batch

_SIZE = 256 * 1024


class Wire:
    """Reads ahead into a buffer of its own; it grows for one long message, never for many."""

    def __init__(self, source: socket.socket) -> None:
        self._socket = source
        self._room(_SIZE)
        self._start = self._end = 0
        self._waits = 0.0
        """The time-out of the socket, in seconds: somewhat less than what is left."""

    def messages(self, deadline: float) -> list[bytes]:
        """All messages that have come whole; one at least, which is waited for.

        `deadline` is in seconds of time.monotonic(). Raises TimeoutError, other OSErrors,
        EOFError where the server has hung up, and ber.Malformed.
        """
        while True:
            if self._start < self._end and (came := self._whole()):
                return came
            self._receive(deadline)

    @property
    def is_empty(self) -> bool:
        """Whether nothing came beyond the messages that were given out."""
        return self._start == self._end

    def _whole(self) -> list[bytes]:
        messages: list[bytes] = []
        view, at, end = self._view, self._start, self._end
        while at < end:
            try:
                length = message_length(view[at : at + 10] if at + 10 < end else view[at:end])
            except Malformed:
                if not messages:
                    raise
                break  # what came before is given out first
            if length is None or at + length > end:
                break
            messages.append(bytes(view[at : at + length]))
            at += length
        self._start = at
        return messages

    def _receive(self, deadline: float) -> None:
        self._make_room()
        seconds = left(deadline)
        # Set anew only where it has to be: each time asks the system.
        if not 0.9 * seconds <= self._waits <= seconds:
            self._waits = 0.95 * seconds
            self._socket.settimeout(self._waits)
        count = self._socket.recv_into(self._view[self._end :])
        if not count:
            raise EOFError("the server closed the connection")
        self._end += count

    def _make_room(self) -> None:
        """Room for more at the end of the buffer, which doubles only once it is full."""
        waiting = self._end - self._start
        size = len(self._view)
        if waiting == size:
            size *= 2
        elif waiting <= _SIZE // 2:
            size = _SIZE
        if self._start or size != len(self._view):
            kept = bytes(self._view[self._start : self._end])
            if size != len(self._view):
                self._room(size)
            self._view[:waiting] = kept
            self._start, self._end = 0, waiting

    def _room(self, size: int) -> None:
        self._view = memoryview(bytearray(size))


def left(deadline: float) -> float:
    """Seconds until then. Raises TimeoutError where there are none."""
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise TimeoutError("it took too long")
    return seconds


def answers(
    wire: Wire,
    number: int,
    timeout: float,
    fault: Exception | None = None,
    seen: KnownDigests | None = None,
) -> Iterator[Batch]:
    """What comes in answer to the message of that number; each message within `timeout` seconds.

    Entries are decoded, since it may be here that the answer turns into nonsense; but for those
    that were `seen`, whose bytes were read before.

    Raises ConnectionLost, after all that came before the fault was given out.
    """
    batch = Batch([])
    while not batch.result:
        if not fault:
            batch, fault = _next(wire, number, time.monotonic() + timeout, seen)
        if fault and batch.answers:
            yield Batch(batch.answers)
        if fault:
            raise ConnectionLost(str(fault)) from fault
        yield batch


def _next(
    wire: Wire, number: int, deadline: float, seen: KnownDigests | None
) -> tuple[Batch, Exception | None]:
    """All that has come whole, and what is wrong with what follows it."""
    batch = Batch([])
    try:
        for data in wire.messages(deadline):
            message, content, controls = decode(data)
            if message == 0:  # an unsolicited notification (RFC 4511 4.4)
                raise Malformed("the server ended the session")
            if message != number or content is None or batch.result:
                raise Malformed("the server spoke out of turn")
            if isinstance(content, Entry) and not (seen and seen.who_is(content)):
                content.decode()
            if isinstance(content, Result):
                batch = Batch(batch.answers, content, controls)
            else:
                batch.answers.append((content, controls))
    except (OSError, EOFError, Malformed) as e:
        return batch, e
    return batch, None
