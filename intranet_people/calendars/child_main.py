"""What runs in the child process of `child.Expander`: reads calendars, answers meetings."""

from __future__ import annotations

import json
import os
import signal
import sys
import warnings
from datetime import datetime
from typing import IO, Any
from zoneinfo import ZoneInfo

from .ics import expand
from .source import CalendarError
from .wire import MOST_BYTES, OUT_OF_MEMORY, read_frame, reading_to_json, write_json


def main(seconds: str, megabytes: str) -> None:
    """Serves until stdin ends. `megabytes` caps the address space where the system can."""
    limit_memory(int(megabytes))
    # What a calendar makes the libraries warn of is nobody's to fix here.
    warnings.simplefilter("ignore")
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    try:
        write_json(answers, {"ready": True})
        while (head := read_frame(requests, MOST_BYTES)) is not None:
            alarm(int(float(seconds)) + 2)
            write_json(answers, answer(json.loads(head), requests))
            alarm(0)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)


def answer(request: dict[str, Any], requests: IO[bytes]) -> dict[str, Any]:
    """Expands the calendar whose bytes follow `request`: meetings and problems, or an error."""
    data = read_frame(requests, MOST_BYTES)
    if data is None:
        sys.exit(1)
    start, end = (datetime.fromisoformat(request[key]) for key in ("start", "end"))
    try:
        return reading_to_json(expand(data, start, end, ZoneInfo(request["zone"])))
    except CalendarError as error:
        return {"error": str(error)}
    except MemoryError:
        raise
    except Exception as error:  # no calendar may end the child
        return {"error": f"could not be read: {type(error).__name__}"}


def alarm(seconds: int) -> None:
    """Ends this process by itself where its parent was killed and cannot end it (0: never)."""
    if hasattr(signal, "alarm"):
        signal.alarm(seconds)


def limit_memory(megabytes: int) -> None:
    """Caps the address space (RLIMIT_AS); a no-op where there is no such limit."""
    try:
        import resource
    except ImportError:  # Windows
        return
    size = megabytes * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
