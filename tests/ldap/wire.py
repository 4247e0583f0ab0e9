"""A listener on a free port that keeps every byte that comes to it."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from intranet_people.ldap.ber import SEQUENCE, element


@dataclass(frozen=True)
class Fault:
    """What becomes of the bytes to a caller once `after` of them have gone their way.

    They come by `piece` bytes, with `pause` seconds between; with `piece` 0, no more come and
    the line is cut.
    """

    after: int = 0
    piece: int = 0
    pause: float = 0.0


class Wire:
    """Passes all on to `upstream`, a port; without one it answers messages by `answers`, in order.

    An answer is a list of LDAP operations in BER; the last one ends with the bytes `raw`.
    `sent` counts the bytes from upstream.
    """

    def __init__(
        self,
        upstream: int | None,
        answers: tuple[list[bytes], ...],
        fault: Fault | None,
        raw: bytes,
    ) -> None:
        self.upstream = upstream
        self.answers = answers
        self.fault = fault
        self.raw = raw
        self.callers = 0
        self.heard = b""
        self.sent = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: list[socket.socket] = [self._listener]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def uri(self) -> str:
        return f"ldap://localhost:{self.port}"

    @property
    def ldaps_uri(self) -> str:
        return f"ldaps://localhost:{self.port}"

    def close(self) -> None:
        for opened in self._open:
            with suppress(OSError):
                opened.shutdown(socket.SHUT_RDWR)
            opened.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                caller, _ = self._listener.accept()
                self.callers += 1
                self._open.append(caller)
                threading.Thread(target=self._serve, args=(caller,), daemon=True).start()

    def _serve(self, caller: socket.socket) -> None:
        with suppress(OSError):
            if self.upstream is None:
                self._answer(caller)
                return
            server = socket.create_connection(("127.0.0.1", self.upstream))
            self._open.append(server)
            threading.Thread(target=self._copy, args=(server, caller), daemon=True).start()
            self._hear(caller, server)

    def _answer(self, caller: socket.socket) -> None:
        answers = list(self.answers)
        while data := caller.recv(65536):
            self.heard += data
            if answers:
                caller.sendall(b"".join(_message(data, op) for op in answers.pop(0)))
                if not answers:
                    caller.sendall(self.raw)

    def _hear(self, caller: socket.socket, server: socket.socket) -> None:
        while data := caller.recv(65536):
            self.heard += data
            server.sendall(data)
        server.shutdown(socket.SHUT_WR)

    def _copy(self, server: socket.socket, caller: socket.socket) -> None:
        passed = 0
        with suppress(OSError):
            while data := server.recv(65536):
                self.sent += len(data)
                untouched = self.fault.after - passed if self.fault else len(data)
                caller.sendall(data[: max(untouched, 0)])
                passed += len(data)
                if self.fault and passed > self.fault.after:
                    _spoil(data[max(untouched, 0) :], caller, self.fault)
            caller.shutdown(socket.SHUT_WR)


def _spoil(data: bytes, caller: socket.socket, fault: Fault) -> None:
    """Raises OSError where the line is to be cut."""
    if not fault.piece:
        caller.shutdown(socket.SHUT_RDWR)
        raise OSError
    for at in range(0, len(data), fault.piece):
        caller.sendall(data[at : at + fault.piece])
        time.sleep(fault.pause)


def _message(request: bytes, answer: bytes) -> bytes:
    """The answer, an operation and what controls it has, in a message with the request's id."""
    at = request.index(b"\x02", 0, 8)
    number = request[at : at + 2 + request[at + 1]]
    return element(SEQUENCE, number + answer)  # RFC 4511 4.1.1


@contextmanager
def wire(
    upstream: int | None = None,
    *answers: list[bytes],
    fault: Fault | None = None,
    raw: bytes = b"",
) -> Iterator[Wire]:
    listening = Wire(upstream, answers, fault, raw)
    try:
        yield listening
    finally:
        listening.close()
