"""The child process of `worker.Expander`: receives calendars, returns meetings."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ..problems import Problem
from ..sandbox.messages import Message
from ..sandbox.serve import serve
from .ics import expand
from .messages import reading_to_json
from .source import CalendarError


def main(*limits: str) -> None:
    """Serve requests until stdin ends."""
    serve(answer, *limits)


def answer(request: dict[str, Any], data: bytes) -> Message:
    """Expand the calendar `data` in the period and zone of `request`.

    The answer has meetings and problems, or an error.
    """
    start, end = (datetime.fromisoformat(request[key]) for key in ("start", "end"))
    try:
        return reading_to_json(expand(data, start, end, ZoneInfo(request["zone"]))), b""
    except CalendarError as error:
        return {"error": list(error.problem)}, b""
    except MemoryError:
        raise
    except Exception as error:  # a calendar must not end the child
        return {"error": Problem("calendar-reader", "", type(error).__name__)}, b""
