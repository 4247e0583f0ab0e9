"""A Reading as the child sends it back: plain JSON values."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from ..problems import problem_from
from .source import Attendee, CalendarEvent, Reading

MOST_BYTES = 10 * 1024 * 1024  # of a calendar


def reading_to_json(reading: Reading) -> dict[str, Any]:
    """A Reading as plain JSON values, its times in ISO 8601."""
    return {
        "meetings": [_meeting_to_json(meeting) for meeting in reading.meetings],
        "problems": [list(problem) for problem in reading.problems],
    }


def reading_from_json(value: dict[str, Any]) -> Reading:
    """The Reading that `reading_to_json` took apart. Raises KeyError, TypeError, ValueError."""
    return Reading(
        tuple(_meeting_from_json(meeting) for meeting in value["meetings"]),
        tuple(map(problem_from, value["problems"])),
    )


def _meeting_to_json(meeting: CalendarEvent) -> dict[str, Any]:
    times = {"starts_at": meeting.starts_at.isoformat(), "ends_at": meeting.ends_at.isoformat()}
    return {**asdict(meeting), **times}


def _meeting_from_json(value: dict[str, Any]) -> CalendarEvent:
    organizer = value["organizer"]
    return CalendarEvent(
        uid=str(value["uid"]),
        recurrence_id=str(value["recurrence_id"]),
        starts_at=datetime.fromisoformat(value["starts_at"]),
        ends_at=datetime.fromisoformat(value["ends_at"]),
        all_day=bool(value["all_day"]),
        title=str(value["title"]),
        location=str(value["location"]),
        organizer=None if organizer is None else Attendee(**organizer),
        attendees=tuple(Attendee(**attendee) for attendee in value["attendees"]),
    )
