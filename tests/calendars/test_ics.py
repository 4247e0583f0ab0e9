"""What becomes of an iCalendar's events: their time, their names, and which are read at all."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from intranet_people.calendars.ics import expand
from intranet_people.problems import Problem

from .conftest import END, GOOD, START, at_ten, calendar, event
from .expanded import only, read


def test_single_event() -> None:
    meeting = only(read(at_ten("LOCATION:Room\\n 5\\, Hall")))
    assert meeting.uid == "talk-1"
    assert meeting.recurrence_id == ""
    assert meeting.starts_at == datetime(2026, 11, 23, 10, tzinfo=UTC)
    assert meeting.ends_at == datetime(2026, 11, 23, 11, tzinfo=UTC)
    assert meeting.starts_at.tzinfo is UTC
    assert (meeting.title, meeting.location) == ("Jörg's talk", "Room 5, Hall")
    assert (meeting.organizer, meeting.attendees, meeting.all_day) == (None, (), False)


def test_event_without_an_end_ends_where_it_starts() -> None:
    meeting = only(read(event("DTSTART:20261123T100000Z")))
    assert meeting.ends_at == meeting.starts_at


def test_cancelled_is_left_out_and_free_time_is_not() -> None:
    reading = read(at_ten("STATUS:CANCELLED"), at_ten("TRANSP:TRANSPARENT", uid="talk-2"))
    assert [meeting.uid for meeting in reading.meetings] == ["talk-2"]


def test_no_uid_gives_the_same_one_each_time() -> None:
    first, second = read(at_ten(uid=None)), read(at_ten(uid=None, title="Other"))
    assert only(first).uid == only(read(at_ten(uid=None))).uid != only(second).uid
    assert first.problems == (Problem("event-no-uid", "20261123T100000Z"),)


def test_endless_uid_is_shortened() -> None:
    assert len(only(read(at_ten(uid="x" * 10_000))).uid) == 32


def test_title_becomes_one_short_line() -> None:
    title = "Hi\\n\u202eall\x07 \x00" + "x" * 400
    meeting = only(read(at_ten(title=title)))
    assert meeting.title.startswith("Hi all x")
    assert len(meeting.title) == 300


def test_two_thousand_meetings_are_kept() -> None:
    reading = read(event("DTSTART:20261101T000000Z", "RRULE:FREQ=MINUTELY;COUNT=2100"))
    assert len(reading.meetings) == 2000
    assert reading.problems == (Problem("too-many-meetings", "2000", "2100"),)


def test_comment_behind_the_end() -> None:
    assert only(expand(GOOD + b"X-COMMENT: cached at ten\r\n", START, END)).uid == "talk-1"


def test_bom_folded_lines_and_bare_newlines() -> None:
    data = b"\xef\xbb\xbf" + calendar(at_ten("LOCATION:Ro\r\n om 5")).replace(b"\r\n", b"\n")
    assert only(expand(data, START, END)).location == "Room 5"


@pytest.mark.parametrize(
    "lines",
    [
        ["DTSTART:20200101T100000Z", "DTEND:20200101T110000Z"],
        ["DTSTART;TZID=Europe/Berlin:20300101T100000", "DURATION:PT1H30M"],
        ["DTSTART;VALUE=DATE:20200101"],
    ],
)
def test_far_events_are_not_even_parsed(lines: list[str]) -> None:
    reading = read(event(*lines, "a line that cannot be parsed", uid=None), at_ten())
    assert (len(reading.meetings), reading.problems) == (1, ())


@pytest.mark.parametrize(
    "lines",
    [
        ["DTSTART:20200101T100000Z", "DTEND:20300101T110000Z"],
        ["DTSTART:20200101T100000Z", "DURATION:P4000D"],
        ["DTSTART:20200101T100000Z", "RRULE:FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=23"],
        ["DTSTART:20200101T100000Z", "RDATE:20261123T100000Z"],
        ['DTSTART;X-NOTE="a:b":20261123T100000Z'],
    ],
)
def test_events_that_begin_far_and_reach_near_are_read(lines: list[str]) -> None:
    assert len(read(event(*lines)).meetings) == 1
