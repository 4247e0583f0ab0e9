"""The child's side: answers the requests of a `process.Child`."""

from __future__ import annotations

import os
import resource
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

from .messages import OUT_OF_MEMORY, Message, receive, send

Answer = Callable[[dict[str, Any], bytes], Message]


def serve(answer: Answer, seconds: str, megabytes: str, nice: str) -> None:
    """Answer requests from stdin, a socket, until it closes, within the limits of `process.Limits`.

    If `answer` raises MemoryError, the process ends with OUT_OF_MEMORY. It must raise nothing else.
    """
    os.nice(int(nice))
    size = int(megabytes) * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    # Ctrl+C is for the parent to handle.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Warnings of the libraries are about untrusted data, not about our code.
    warnings.simplefilter("ignore")
    parent = Connection(sys.stdin.fileno())
    try:
        send(parent, {"ready": True})
        for request in _requests(parent):
            # Ends this process even if the parent was killed.
            signal.alarm(int(float(seconds)) + 2)
            send(parent, *answer(*request))
            signal.alarm(0)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)


def _requests(parent: Connection) -> Iterator[Message]:
    with suppress(EOFError):
        while True:
            yield receive(parent)
