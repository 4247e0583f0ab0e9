"""Reads calendars in a child process that can be killed and is capped in memory.

A calendar of 200 bytes with a hostile RRULE runs for minutes inside the libraries.
"""

from __future__ import annotations

from datetime import datetime
from typing import Self
from zoneinfo import ZoneInfo

from ..problems import Problem, problem_from
from ..sandbox.process import Child, ChildError, Limits, NotStarted
from .messages import MOST_BYTES, reading_from_json
from .source import CalendarError, Reading

_UTC = ZoneInfo("UTC")


class Expander:
    """`ics.expand` for many calendars, each with a limit of time and memory, in one `Child`."""

    def __init__(self, seconds: float = 2, megabytes: int = 512) -> None:
        self.child = Child("intranet_people.calendars.worker_main", Limits(seconds, megabytes))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the child. The Expander can be used again."""
        self.child.close()

    def expand(self, data: bytes, start: datetime, end: datetime, zone: ZoneInfo = _UTC) -> Reading:
        """As `ics.expand`. Raises CalendarError, also for more than 10 MB or a broken limit."""
        if len(data) > MOST_BYTES:
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
