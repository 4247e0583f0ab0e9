"""What a calendar source yields: plain values that know neither Flask nor SQL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ..problems import Failure, Problem


class CalendarError(Failure):
    """A calendar that could not be read. A host's own source raises it with a text that says which
    part failed and why."""

    code = "calendar-failed"


class CalendarMissing(CalendarError):
    """The person has no calendar there (no such file, HTTP 404): not a fault."""


@dataclass(frozen=True)
class Attendee:
    """An ATTENDEE or ORGANIZER of RFC 5545.

    `mail` is lower case without `mailto:`, or None where the address is missing or
    no mail address; `name` is CN, or "" where there is none.
    """

    name: str
    mail: str | None
    partstat: str = "NEEDS-ACTION"


@dataclass(frozen=True)
class CalendarEvent:
    """One occurrence of a VEVENT, expanded, with aware UTC times.

    `uid` with `recurrence_id` is the same in the calendar of every attendee (RFC 5545
    3.8.4.7, 3.8.4.4): the original start in UTC of one that repeats, as 20261123T100000Z,
    or a date for an all-day one; "" for a single one, which stays the same when it is moved.
    """

    uid: str
    recurrence_id: str
    starts_at: datetime
    ends_at: datetime
    all_day: bool
    title: str
    location: str
    organizer: Attendee | None
    attendees: tuple[Attendee, ...]


@dataclass(frozen=True)
class Owner:
    """Whose calendar is asked for. `mail` is None also where it is another person's as well."""

    handle: str
    mail: str | None


@dataclass(frozen=True)
class Reading:
    """The meetings of one calendar, in order of start, and what was left out of it."""

    meetings: tuple[CalendarEvent, ...]
    problems: tuple[Problem | str, ...] = ()
    """A host's own source may say it in words."""


class CalendarSource(Protocol):
    """Reads one person's calendar. A host may hand in its own.

    One that never looks at `owner.mail` may say `uses_mail = False`: what it gave is then kept
    when a person's address changes.
    """

    def read(self, owner: Owner, start: datetime, end: datetime) -> Reading:
        """The meetings of `owner` that overlap [start, end), both aware.

        Raises CalendarMissing where the person has none there, and CalendarError
        where it cannot be read.
        """
        ...
