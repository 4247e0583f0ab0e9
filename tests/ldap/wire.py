"""A listener on a free port that keeps every byte that comes to it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Wire:
    """Passes all on to `upstream`, a port; without one it answers messages by `answers`, in order.

    An answer is a list of LDAP operations in BER.
    """

    def __init__(self, upstream: int | None, answers: tuple[list[bytes], ...]) -> None:
        self.upstream = upstream
        self.answers = answers
        self.callers = 0
        self.heard = b""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: list[socket.socket] = [self._listener]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def uri(self) -> str:
        return f"ldap://localhost:{self.port}"

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
            self._copy(caller, server, is_heard=True)

    def _answer(self, caller: socket.socket) -> None:
        answers = list(self.answers)
        while data := caller.recv(65536):
            self.heard += data
            if answers:
                caller.sendall(b"".join(_message(data, op) for op in answers.pop(0)))

    def _copy(self, source: socket.socket, target: socket.socket, is_heard: bool = False) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                self.heard += data if is_heard else b""
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)


def _message(request: bytes, operation: bytes) -> bytes:
    """The answer's operation in a message with the id of the request (RFC 4511 4.1.1)."""
    at = request.index(b"\x02", 0, 8)
    inner = request[at : at + 2 + request[at + 1]] + operation
    return bytes([0x30, len(inner)]) + inner


@contextmanager
def wire(upstream: int | None = None, *answers: list[bytes]) -> Iterator[Wire]:
    listening = Wire(upstream, answers)
    try:
        yield listening
    finally:
        listening.close()
