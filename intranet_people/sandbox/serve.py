"""What runs in the child process of `process.Child`: one answer to each request."""

from __future__ import annotations

import os
import signal
import sys
import warnings
from collections.abc import Callable
from typing import Any

from .messages import OUT_OF_MEMORY, Message, read_message, write_message

Answer = Callable[[dict[str, Any], bytes], Message]


def serve(answer: Answer, seconds: str, megabytes: str, nice: str) -> None:
    """Answers until stdin ends, within the limits of a `process.Limits`.

    `answer` may raise MemoryError, at which this process ends; anything else would be a crash.
    """
    be_nice(int(nice))
    limit_memory(int(megabytes))
    # At Ctrl-C the parent decides what becomes of us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What foreign data makes the libraries warn of is nobody's to fix here.
    warnings.simplefilter("ignore")
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    try:
        write_message(answers, {"ready": True})
        while (request := read_message(requests)) is not None:
            alarm(int(float(seconds)) + 2)
            write_message(answers, *answer(*request))
            alarm(0)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)


def alarm(seconds: int) -> None:
    """Ends this process by itself where its parent was killed and cannot end it (0: never)."""
    if hasattr(signal, "alarm"):
        signal.alarm(seconds)


def be_nice(increment: int) -> None:
    """Lets others go first (POSIX)."""
    if increment and hasattr(os, "nice"):
        os.nice(increment)


def limit_memory(megabytes: int) -> None:
    """Caps the address space (RLIMIT_AS); a no-op where there is no such limit."""
    try:
        import resource
    except ImportError:  # Windows
        return
    size = megabytes * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
