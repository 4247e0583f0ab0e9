"""Expansion of recurring events; the only module that imports recurring_ical_events."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events as recurring  # type: ignore[import-untyped]
from recurring_ical_events.adapters.event import EventAdapter  # type: ignore[import-untyped]
from recurring_ical_events.selection.name import (  # type: ignore[import-untyped]
    ComponentsWithName,
)


def validate(event: Any) -> None:
    """Raise the error of a broken VEVENT now, before it affects the rest of its series."""
    if event.name != "VEVENT":
        raise ValueError("it is no VEVENT")
    if "DTSTART" not in event:
        raise ValueError("it has no DTSTART")
    adapter = EventAdapter(event)
    _ = adapter.span, adapter.recurrence_ids, adapter.exdates, adapter.rdates


def occurrences(events: list[Any], default: str, start: datetime, end: datetime) -> list[Any]:
    """The occurrences of one series as VEVENTs, each with DTSTART, DTEND and RECURRENCE-ID.

    `start` and `end` are aware, in the zone of floating times; `default` is the calendar's
    X-WR-TIMEZONE, or "". May raise any exception of the libraries.
    """
    calendar = icalendar.Calendar()
    if default and _is_zone(default):
        calendar.add("X-WR-TIMEZONE", default)
    for event in events:
        calendar.add_component(event)
    selection = ComponentsWithName("VEVENT", occurrence=_Occurrence)
    return list(recurring.of(calendar, components=[selection]).between(start, end))


class _Occurrence(recurring.Occurrence):  # type: ignore[misc]
    """Sets the RECURRENCE-ID of occurrences after a RANGE=THISANDFUTURE (RFC 5545 3.2.13).

    The library gives all of them that of the change, which would make them one meeting.
    """

    def as_component(self, keep_recurrence_attributes: bool) -> Any:
        component = super().as_component(keep_recurrence_attributes)
        if self._adapter.this_and_future:
            original = self.start - self._adapter.move_recurrences_by
            component["RECURRENCE-ID"] = icalendar.vDDDTypes(original)
        return component


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return False
    return True
