"""The JSON form in which the child process returns a Reading."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ..problems import problem_from
from .source import Attendee, CalendarEvent, Reading

_UNCHANGED = ("uid", "recurrence_id", "all_day", "title", "location")
MAX_BYTES = 10 * 1024 * 1024  # of a calendar


def reading_to_json(reading: Reading) -> dict[str, Any]:
    """Plain JSON values, with times in ISO 8601. Meetings refer to `attendees` by index, as the
    occurrences of a series share one list."""
    lists: dict[tuple[Attendee, ...], int] = {}
    meetings = [
        {
            **{name: getattr(m, name) for name in _UNCHANGED},
            "starts_at": m.starts_at.isoformat(),
            "ends_at": m.ends_at.isoformat(),
            "organizer": m.organizer and _attendee_to_json(m.organizer),
            "attendees": lists.setdefault(m.attendees, len(lists)),
        }
        for m in reading.meetings
    ]
    return {
        "meetings": meetings,
        "attendees": [[_attendee_to_json(a) for a in attendees] for attendees in lists],
        "problems": [list(problem) for problem in reading.problems],
    }


def reading_from_json(value: dict[str, Any]) -> Reading:
    """The inverse of `reading_to_json`. Raises LookupError, TypeError, ValueError."""
    lists = [tuple(map(_attendee_from_json, attendees)) for attendees in value["attendees"]]
    meetings = (
        CalendarEvent(
            uid=str(m["uid"]),
            recurrence_id=str(m["recurrence_id"]),
            starts_at=datetime.fromisoformat(m["starts_at"]),
            ends_at=datetime.fromisoformat(m["ends_at"]),
            all_day=bool(m["all_day"]),
            title=str(m["title"]),
            location=str(m["location"]),
            organizer=m["organizer"] and _attendee_from_json(m["organizer"]),
            attendees=lists[m["attendees"]],
        )
        for m in value["meetings"]
    )
    return Reading(tuple(meetings), tuple(map(problem_from, value["problems"])))


def _attendee_to_json(attendee: Attendee) -> list[str | None]:
    return [attendee.name, attendee.mail, attendee.partstat]


def _attendee_from_json(value: Any) -> Attendee:
    name, mail, partstat = value
    return Attendee(str(name), None if mail is None else str(mail), str(partstat))
