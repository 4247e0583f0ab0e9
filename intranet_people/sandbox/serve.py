"""What runs in the child process of `process.Child`: one answer to each request."""

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
    """Answers on stdin, a socket, until that ends, within the limits of a `process.Limits`.

    `answer` may raise MemoryError, at which this process ends; anything else would be a crash.
    """
    os.nice(int(nice))
    size = int(megabytes) * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    # At Ctrl-C the parent decides what becomes of us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What foreign data makes the libraries warn of is nobody's to fix here.
    warnings.simplefilter("ignore")
    parent = Connection(sys.stdin.fileno())
    try:
        send(parent, {"ready": True})
        for request in _requests(parent):
            # Ends us also where our parent was killed and cannot.
            signal.alarm(int(float(seconds)) + 2)
            send(parent, *answer(*request))
            signal.alarm(0)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)


def _requests(parent: Connection) -> Iterator[Message]:
    with suppress(EOFError):
        while True:
            yield receive(parent)
