"""Calendars published as iCalendar files, one per person, by HTTP or in a folder."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import requests

from .fetch import fetch_url, read_file
from .source import Owner, Reading
from .template import Template
from .worker import Expander

_UTC = ZoneInfo("UTC")


class IcsSource:
    """Reads `ics+https://mail.corp.example/{mail}/calendar.ics`, `ics+http://...` and
    `ics+file:///srv/calendars/{handle}.ics`.

    `zone` applies to floating times and all-day events; `expander` may be shared between sources;
    `timeouts` (to connect, between bytes) and `seconds` (for the whole body) are in seconds.
    Raises ValueError, naming PEOPLE_CALENDARS, if the template is invalid. `close`, or leaving the
    `with` block, ends the connections and the child process.
    """

    def __init__(
        self,
        template: str,
        zone: ZoneInfo = _UTC,
        expander: Expander | None = None,
        *,
        timeouts: tuple[float, float] = (5, 10),
        seconds: float = 30,
    ) -> None:
        self._template = Template(template)
        self.uses_mail = self._template.uses_mail
        self._zone = zone
        self._expander = expander or Expander()
        self._timeouts = timeouts
        self._seconds = seconds
        self._session = requests.Session()
        self._session.headers["User-Agent"] = "intranet-people"

    def __enter__(self) -> IcsSource:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the connections and the child. The source can be used again."""
        self._session.close()
        self._expander.close()

    def read(self, owner: Owner, start: datetime, end: datetime) -> Reading:
        """See CalendarSource.read."""
        return self._expander.expand(self._data(owner), start, end, self._zone)

    def _data(self, owner: Owner) -> bytes:
        if self._template.is_file:
            return read_file(self._template.file_of(owner))
        url = self._template.url_of(owner)
        return fetch_url(self._session, url, timeouts=self._timeouts, seconds=self._seconds)
