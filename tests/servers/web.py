"""A WSGI app on a free loopback port, in a thread of the test's own process."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class _Server(ThreadedWSGIServer):
    """Knows its open connections: a browser keeps some, and their threads would wait for ever."""

    daemon_threads = False  # so that the end of serve_forever() waits for them

    def __init__(self, app: "WSGIApplication") -> None:
        super().__init__("127.0.0.1", 0, app, handler=_QuietHandler)
        self.connections: set[socket.socket] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.connections.discard(request)
        super().shutdown_request(request)

    def stop(self) -> None:
        self.shutdown()  # nothing is accepted after this
        for connection in list(self.connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _QuietHandler(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """Says nothing: the test speaks of what it finds."""


@contextmanager
def serve(app: "WSGIApplication") -> Iterator[str]:
    """The base URL, without a slash at its end, for as long as the block lasts."""
    server = _Server(app)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.stop()
        thread.join()
