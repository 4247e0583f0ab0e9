"""Complete LDAP messages from a socket, with a deadline that a slow sender cannot extend."""

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

_BUFFER_SIZE = 256 * 1024


class Wire:
    """A buffered reader of messages. The buffer grows only for a message that does not fit."""

    def __init__(self, source: socket.socket) -> None:
        self._socket = source
        self._allocate(_BUFFER_SIZE)
        self._start = self._end = 0
        self._timeout = 0.0
        """The current timeout of the socket, in seconds: slightly less than the time left."""

    def messages(self, deadline: float) -> list[bytes]:
        """All complete messages in the buffer. Waits until there is at least one.

        `deadline` is in seconds of time.monotonic(). Raises TimeoutError, other OSErrors,
        EOFError if the server closed the connection, and ber.Malformed.
        """
        while True:
            if self._start < self._end and (messages := self._complete_messages()):
                return messages
            self._receive(deadline)

    @property
    def is_empty(self) -> bool:
        """Whether the buffer has no bytes beyond the messages already returned."""
        return self._start == self._end

    def _complete_messages(self) -> list[bytes]:
        messages: list[bytes] = []
        view, at, end = self._view, self._start, self._end
        while at < end:
            try:
                length = message_length(view[at : at + 10] if at + 10 < end else view[at:end])
            except Malformed:
                if not messages:
                    raise
                break  # return the valid messages first
            if length is None or at + length > end:
                break
            messages.append(bytes(view[at : at + length]))
            at += length
        self._start = at
        return messages

    def _receive(self, deadline: float) -> None:
        self._make_room()
        seconds = seconds_left(deadline)
        # Avoid a system call if the timeout is about right.
        if not 0.9 * seconds <= self._timeout <= seconds:
            self._timeout = 0.95 * seconds
            self._socket.settimeout(self._timeout)
        count = self._socket.recv_into(self._view[self._end :])
        if not count:
            raise EOFError("the server closed the connection")
        self._end += count

    def _make_room(self) -> None:
        """Free space at the end of the buffer; double the buffer only if one message fills it."""
        pending = self._end - self._start
        size = len(self._view)
        if pending == size:
            size *= 2
        elif pending <= _BUFFER_SIZE // 2:
            size = _BUFFER_SIZE
        if self._start or size != len(self._view):
            kept = bytes(self._view[self._start : self._end])
            if size != len(self._view):
                self._allocate(size)
            self._view[:pending] = kept
            self._start, self._end = 0, pending

    def _allocate(self, size: int) -> None:
        self._view = memoryview(bytearray(size))


def seconds_left(deadline: float) -> float:
    """Seconds until the deadline. Raises TimeoutError if it has passed."""
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
    """The answers to the message with this id. Each must arrive within `timeout` seconds.

    Entries are decoded here, so that invalid data ends the search with an error; entries in `seen`
    were valid the last time. Raises ConnectionLost after yielding what arrived before the `fault`.
    """
    batch = Batch([])
    while not batch.result:
        if not fault:
            batch, fault = _receive_batch(wire, number, time.monotonic() + timeout, seen)
        if fault and batch.answers:
            yield Batch(batch.answers)
        if fault:
            raise ConnectionLost(str(fault)) from fault
        yield batch


def _receive_batch(
    wire: Wire, number: int, deadline: float, seen: KnownDigests | None
) -> tuple[Batch, Exception | None]:
    """The answers that have arrived, and the error that follows them, if any."""
    batch = Batch([])
    try:
        for data in wire.messages(deadline):
            message, content, controls = decode(data)
            if message == 0:  # an unsolicited notification (RFC 4511 4.4)
                raise Malformed("the server ended the session")
            if message != number or content is None or batch.result:
                raise Malformed("the server spoke out of turn")
            if isinstance(content, Entry) and not (seen and seen.id_of(content)):
                content.decode()
            if isinstance(content, Result):
                batch = Batch(batch.answers, content, controls)
            else:
                batch.answers.append((content, controls))
    except (OSError, EOFError, Malformed) as e:
        return batch, e
    return batch, None
