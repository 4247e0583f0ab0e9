"""What is broken in a calendar costs itself, and is listed; what is no calendar is refused."""

from __future__ import annotations

import pytest

from intranet_people.calendars.ics import expand
from intranet_people.calendars.source import CalendarError
from intranet_people.problems import Problem

from .conftest import END, START, at_ten, calendar, event
from .expanded import only, read


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["SUMMARY:x"], "it has no DTSTART"),
        (["DTSTART:nonsense"], "Wrong date format nonsense"),
        (["DTSTART:20261123T100000Z", "RRULE:FREQ=YEARLY;BYDAY=99XX"], "99XX"),
        (["DTSTART:20261123T100000Z", "DTSTART:20261124T100000Z"], ""),
        (["DTSTART:20261123T100000Z", "no colon in this line", "EXDATE:tomorrow"], ""),
    ],
)
def test_broken_event_does_not_lose_the_others(lines: list[str], reason: str) -> None:
    broken = event(*lines, uid="broken", title="Stand-up")
    reading = read(at_ten(uid="alice"), broken, at_ten(uid="bob"))
    assert [meeting.uid for meeting in reading.meetings] == ["alice", "bob"]
    problem = str(*reading.problems)
    assert problem.startswith("the event of ")
    assert "could not be read: " in problem
    assert "Stand-up" not in problem, "a title is its owner's alone"
    assert reason in problem


def test_broken_change_does_not_lose_its_series() -> None:
    series = event("DTSTART:20261102T100000Z", "RRULE:FREQ=DAILY;COUNT=2")
    reading = read(series, event("RECURRENCE-ID:never", "DTSTART:20261102T110000Z"))
    assert (len(reading.meetings), len(reading.problems)) == (2, 1)


def test_broken_alarm_or_task_costs_nothing() -> None:
    alarm = "BEGIN:VALARM\r\nTRIGGER:nonsense\r\nnonsense\r\nEND:VALARM"
    task = "BEGIN:VTODO\r\nDUE:nonsense\r\nnonsense\r\nEND:VTODO"
    assert read(at_ten(alarm), task).problems == ()


def test_event_without_its_end_is_listed() -> None:
    open_ended = at_ten(title="Open").removesuffix("\r\nEND:VEVENT")
    reading = read(open_ended, at_ten(uid="bob"))
    assert only(reading).uid == "bob"
    assert reading.problems == (Problem("event-unfinished", "20261123T100000Z"),)


def test_fifty_problems_are_listed() -> None:
    reading = read(*(event(f"DTSTART:2026{n}", uid=str(n)) for n in range(60)))
    assert len(reading.problems) == 51
    assert reading.problems[-1] == Problem("more-problems", "", "10")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is not a calendar"),
        (b"<!doctype html><title>Sign in</title>", "is not a calendar"),
        (b"\xff\xfe\x00", "is not a calendar"),
        (calendar(at_ten())[:-20], "was cut off"),
        (calendar("CALSCALE:HEBREW"), "CALSCALE is HEBREW"),
    ],
)
def test_what_is_no_calendar(data: bytes, reason: str) -> None:
    with pytest.raises(CalendarError, match=reason):
        expand(data, START, END)
