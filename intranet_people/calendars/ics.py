"""iCalendar data (RFC 5545) -> the meetings in a period.

Malicious data can take minutes and fill the memory here: call it through `worker.Expander`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
from icalendar.timezone import tzp

from ..problems import Problem
from ..text import one_line
from .attendees import attendees_of, organizer_of, values_of
from .components import Block, split_components
from .occurrences import occurrences, validate
from .prefilter import may_overlap
from .source import CalendarError, CalendarEvent, Reading

_UTC = ZoneInfo("UTC")
MAX_MEETINGS = 2000
MAX_PROBLEMS = 50
_MAX_UID = 255
_RECURRENCE_PROPERTIES = ("RRULE", "RDATE", "RECURRENCE-ID")


def expand(data: bytes, start: datetime, end: datetime, zone: ZoneInfo = _UTC) -> Reading:
    """The meetings in `data` that overlap [start, end), both aware, ordered by start.

    `zone` applies to floating times (RFC 5545 3.3.5) and all-day events. Cancelled events are left
    out. Unreadable events are left out and reported in `problems`. Raises CalendarError if `data`
    as a whole is not a calendar.
    """
    # icalendar keeps every VTIMEZONE for the whole process. Without this reset, the zones of one
    # calendar would apply to the next.
    tzp.use_zoneinfo()
    blocks = split_components(data)
    if (scale := blocks.properties.get("CALSCALE", "GREGORIAN").upper()) != "GREGORIAN":
        raise CalendarError(Problem("calendar-scale", "", one_line(scale, 30)))
    problems = [Problem("event-unfinished", _unparsed_name(block)) for block in blocks.unfinished]
    _register_zones(blocks.zones, problems)
    candidates = [block for block in blocks.events if may_overlap(block, start, end)]
    series = _series(candidates, problems)
    default = blocks.properties.get("X-WR-TIMEZONE", "")
    span = start.astimezone(zone), end.astimezone(zone)
    meetings: dict[tuple[str, str], CalendarEvent] = {}
    for events in series.values():
        repeats = len(events) > 1 or any(name in events[0] for name in _RECURRENCE_PROPERTIES)
        try:
            for event in occurrences(events, default, *span):
                meeting = _meeting(event, repeats, zone, problems)
                if meeting is not None:
                    meetings.setdefault((meeting.uid, meeting.recurrence_id), meeting)
        except MemoryError:
            raise
        except Exception as error:  # a broken value may raise anything in the libraries
            problems.append(Problem("event-unreadable", _name(events[0]), _reason(error)))
    return _reading(meetings.values(), problems)


def _register_zones(zones: list[Block], problems: list[Problem]) -> None:
    """Register the VTIMEZONEs with icalendar, which keeps them by TZID."""
    for block in zones:
        try:
            icalendar.Timezone.from_ical(b"\r\n".join(block))
        except MemoryError:
            raise
        except Exception as error:
            problems.append(Problem("zone-unreadable", "", _reason(error)))


def _series(blocks: list[Block], problems: list[Problem]) -> dict[str, list[Any]]:
    """The readable events by UID, which a series shares with its changed occurrences."""
    series: dict[str, list[Any]] = {}
    for block in blocks:
        try:
            event = icalendar.Event.from_ical(b"\r\n".join(block))
            validate(event)
            uid = event["UID"] = _uid(event, problems)
        except MemoryError:
            raise
        except Exception as error:
            problems.append(Problem("event-unreadable", _unparsed_name(block), _reason(error)))
        else:
            series.setdefault(uid, []).append(event)
    return series


def _uid(event: Any, problems: list[Problem]) -> str:
    uid = "".join(c for c in _text(event, "UID").strip() if c.isprintable())
    if not uid:
        problems.append(Problem("event-no-uid", _name(event)))
        uid = _digest(event["DTSTART"].to_ical().decode() + _text(event, "SUMMARY"))
    return uid if len(uid) <= _MAX_UID else _digest(uid)


def _meeting(
    event: Any, repeats: bool, zone: ZoneInfo, problems: list[Problem]
) -> CalendarEvent | None:
    if _text(event, "STATUS").strip().upper() == "CANCELLED":
        return None
    first, last = event["DTSTART"].dt, event["DTEND"].dt
    all_day = not isinstance(first, datetime)
    if all_day and last <= first:
        last = first + timedelta(days=1)
    attendees, found = attendees_of(event)
    problems.extend(problem._replace(subject=_name(event)) for problem in found)
    # Empty for a single meeting, so that it stays the same meeting when it is moved.
    original = _recurrence_id(event["RECURRENCE-ID"].dt, zone, all_day) if repeats else ""
    return CalendarEvent(
        uid=str(event["UID"]),
        recurrence_id=original,
        starts_at=_utc(first, zone),
        ends_at=_utc(last, zone),
        all_day=all_day,
        title=one_line(_text(event, "SUMMARY")),
        location=one_line(_text(event, "LOCATION")),
        organizer=organizer_of(event),
        attendees=attendees,
    )


def _recurrence_id(original: date, zone: ZoneInfo, all_day: bool) -> str:
    if all_day or not isinstance(original, datetime):
        return f"{original.year:04}{original.month:02}{original.day:02}"
    utc = _utc(original, zone)
    return f"{utc.year:04}{utc:%m%dT%H%M%S}Z"


def _utc(value: date, zone: ZoneInfo) -> datetime:
    if not isinstance(value, datetime):
        value = datetime.combine(value, time())
    return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)


def _reading(found: Iterable[CalendarEvent], problems: list[Problem]) -> Reading:
    meetings = sorted(found, key=lambda m: (m.starts_at, m.ends_at, m.uid, m.recurrence_id))
    if len(meetings) > MAX_MEETINGS:
        count = Problem("too-many-meetings", str(MAX_MEETINGS), str(len(meetings)))
        problems.insert(0, count)
    lines = list(dict.fromkeys(problems))
    if (omitted := len(lines) - MAX_PROBLEMS) > 0:
        lines = [*lines[:MAX_PROBLEMS], Problem("more-problems", "", str(omitted))]
    return Reading(tuple(meetings[:MAX_MEETINGS]), tuple(lines))


def _text(event: Any, name: str) -> str:
    return str(next(iter(values_of(event, name)), ""))


def _name(event: Any) -> str:
    day = event["DTSTART"].to_ical()
    # For a broken property, icalendar returns str.
    return _event_of(day if isinstance(day, str) else day.decode("ascii", "replace"))


def _unparsed_name(block: Block) -> str:
    """The name of an unparsed event in problems."""
    line = next((line for line in block if line.upper().startswith(b"DTSTART")), b"")
    return _event_of(line.rpartition(b":")[2].decode("ascii", "replace"))


def _event_of(day: str) -> str:
    """The name of an event in problems: its time, because only the owner may see the title."""
    return re.sub(r"[^0-9TZ]", "", day)[:16] or "?"


def _reason(error: Exception) -> str:
    return one_line(str(error), 200) or type(error).__name__


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]
