"""The interface of a calendar source, and the values that it returns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ..problems import Failure, Problem


class CalendarError(Failure):
    """A calendar could not be read. A host's own source raises it with a text that tells what
    failed and why."""

    code = "calendar-failed"


class CalendarMissing(CalendarError):
    """The person has no calendar there (no such file, HTTP 404), which is not an error."""


@dataclass(frozen=True)
class Attendee:
    """An ATTENDEE or ORGANIZER of RFC 5545.

    `mail` is in lower case without `mailto:`; None if the address is missing or not a mail address.
    `name` is CN, or "".
    """

    name: str
    mail: str | None
    partstat: str = "NEEDS-ACTION"


@dataclass(frozen=True)
class CalendarEvent:
    """One occurrence of a VEVENT, with aware UTC times.

    `uid` and `recurrence_id` together are the same in the calendars of all attendees (RFC 5545
    3.8.4.7, 3.8.4.4). `recurrence_id` of a recurring event is its original start in UTC, such as
    20261123T100000Z, or its date if it is all-day. It is "" for a single event, which thus stays
    the same when it is moved.
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
    """The owner of a calendar. `mail` is None if the address is missing or shared with another
    person."""

    handle: str
    mail: str | None


@dataclass(frozen=True)
class Reading:
    """The meetings of one calendar, ordered by start, and the problems of those left out."""

    meetings: tuple[CalendarEvent, ...]
    problems: tuple[Problem | str, ...] = ()
    """A host's own source may use plain text."""


class CalendarSource(Protocol):
    """Reads the calendar of one person. A host may pass its own source.

    A source that does not use `owner.mail` may set `uses_mail = False`. Meetings are then kept when
    a person's address changes.
    """

    def read(self, owner: Owner, start: datetime, end: datetime) -> Reading:
        """The meetings of `owner` that overlap [start, end), both aware.

        Raises CalendarMissing if the person has no calendar here, and CalendarError if it cannot
        be read.
        """
        ...
