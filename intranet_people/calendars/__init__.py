"""Calendars: reading people's meetings from calendar files and servers."""

from __future__ import annotations

from .schemes import SCHEMES, source_of
from .source import (
    Attendee,
    CalendarError,
    CalendarEvent,
    CalendarMissing,
    CalendarSource,
    Owner,
    Reading,
)

__all__ = [
    "SCHEMES",
    "Attendee",
    "CalendarError",
    "CalendarEvent",
    "CalendarMissing",
    "CalendarSource",
    "Owner",
    "Reading",
    "source_of",
]
