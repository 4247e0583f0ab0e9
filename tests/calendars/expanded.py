"""What becomes of the events of a calendar that is written in a test."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from intranet_people.calendars.ics import expand
from intranet_people.calendars.source import CalendarEvent, Reading

from .conftest import END, START, calendar

UTC_ZONE = ZoneInfo("UTC")
BERLIN = ZoneInfo("Europe/Berlin")


def read(*parts: str, zone: ZoneInfo = UTC_ZONE) -> Reading:
    return expand(calendar(*parts), START, END, zone)


def only(reading: Reading) -> CalendarEvent:
    [meeting] = reading.meetings
    return meeting


def starts(reading: Reading) -> list[str]:
    return [f"{meeting.starts_at:%m%dT%H%M}" for meeting in reading.meetings]


def ids(reading: Reading) -> list[str]:
    return [meeting.recurrence_id for meeting in reading.meetings]
