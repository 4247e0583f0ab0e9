"""What goes over the pipes to the child and back: length-prefixed JSON, never pickle.

A calendar is foreign data: a child that it takes over must be able to send back no more
than wrong words.
"""

from __future__ import annotations

import json
import struct
from dataclasses import asdict
from datetime import datetime
from typing import IO, Any

from .source import Attendee, Meeting, Reading

MOST_BYTES = 10 * 1024 * 1024  # of a calendar
OUT_OF_MEMORY = 77  # the exit code of a child that reached its limit
_LENGTH = struct.Struct(">I")


def write_frame(stream: IO[bytes], payload: bytes) -> None:
    """Writes `payload` behind its length (four bytes, big-endian)."""
    stream.write(_LENGTH.pack(len(payload)))
    stream.write(payload)
    stream.flush()


def read_frame(stream: IO[bytes], most: int) -> bytes | None:
    """The next payload, or None where the stream has ended. Raises ValueError above `most`."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > most:
        raise ValueError(f"a frame of {length} bytes")
    payload = stream.read(length)
    return payload if len(payload) == length else None


def write_json(stream: IO[bytes], value: dict[str, Any]) -> None:
    """Writes `value` as one frame."""
    write_frame(stream, json.dumps(value, separators=(",", ":")).encode())


def reading_to_json(reading: Reading) -> dict[str, Any]:
    """A Reading as plain JSON values, its times in ISO 8601."""
    return {
        "meetings": [_meeting_to_json(meeting) for meeting in reading.meetings],
        "problems": list(reading.problems),
    }


def reading_from_json(value: dict[str, Any]) -> Reading:
    """The Reading that `reading_to_json` took apart. Raises KeyError, TypeError, ValueError."""
    return Reading(
        tuple(_meeting_from_json(meeting) for meeting in value["meetings"]),
        tuple(str(problem) for problem in value["problems"]),
    )


def _meeting_to_json(meeting: Meeting) -> dict[str, Any]:
    times = {"starts_at": meeting.starts_at.isoformat(), "ends_at": meeting.ends_at.isoformat()}
    return {**asdict(meeting), **times}


def _meeting_from_json(value: dict[str, Any]) -> Meeting:
    organizer = value["organizer"]
    return Meeting(
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
