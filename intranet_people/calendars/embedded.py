"""The calendars of a sample company, made by a module: no file and no server."""

from __future__ import annotations

import importlib
from datetime import datetime
from zoneinfo import ZoneInfo

from .source import CalendarMissing, Owner, Reading
from .worker import Expander

SCHEME = "embedded"


class EmbeddedSource:
    """Reads `embedded:MODULE`, whose `calendar_of(handle)` gives an iCalendar text, or None.

    Raises ValueError, naming PEOPLE_CALENDARS, where there is no such module. `close` ends the
    child process that looks into what it gives, as with any calendar.
    """

    uses_mail = False

    def __init__(self, spec: str, zone: ZoneInfo) -> None:
        name = spec.removeprefix(f"{SCHEME}:")
        try:
            self._calendar_of = importlib.import_module(name).calendar_of
        except (ImportError, AttributeError, TypeError, ValueError):
            raise ValueError(f"PEOPLE_CALENDARS: {name!r} is not a module with calendars") from None
        self._zone = zone
        self._expander = Expander()

    def close(self) -> None:
        self._expander.close()

    def read(self, owner: Owner, start: datetime, end: datetime) -> Reading:
        """See CalendarSource.read."""
        data = self._calendar_of(owner.handle)
        if data is None:
            raise CalendarMissing(f"{owner.handle} has no calendar")
        return self._expander.expand(data, start, end, self._zone)
