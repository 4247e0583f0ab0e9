"""Parses calendars in a child process with limits of time and memory.

A malicious RRULE in a calendar of 200 bytes can keep the libraries busy for minutes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Self
from zoneinfo import ZoneInfo

from ..problems import Problem, problem_from
from ..sandbox.process import Child, ChildError, Limits, NotStarted
from .messages import MAX_BYTES, reading_from_json
from .source import CalendarError, Reading

_UTC = ZoneInfo("UTC")


class Expander:
    """Runs `ics.expand` for many calendars in one `Child`; the limits apply to each calendar."""

    def __init__(self, seconds: float = 2, megabytes: int = 512) -> None:
        self.child = Child("intranet_people.calendars.worker_main", Limits(seconds, megabytes))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """End the child. The next `expand` starts another one."""
        self.child.close()

    def expand(self, data: bytes, start: datetime, end: datetime, zone: ZoneInfo = _UTC) -> Reading:
        """Like `ics.expand`. Raises CalendarError also for more than 10 MB or an exceeded limit."""
        if len(data) > MAX_BYTES:
            raise CalendarError(Problem("calendar-too-large"))
        request = {"start": start.isoformat(), "end": end.isoformat(), "zone": zone.key}
        try:
            answer, _ = self.child.ask(request, data)
        except NotStarted as error:
            raise CalendarError(Problem("calendar-no-reader", "", str(error))) from None
        except ChildError as error:
            raise CalendarError(Problem("calendar-reader", "", str(error))) from None
        try:
            if "error" not in answer:
                return reading_from_json(answer)
            problem = problem_from(answer["error"])
        except (LookupError, TypeError, ValueError, AttributeError):
            problem = Problem("calendar-reader", "", "answered nonsense")
        raise CalendarError(problem)
