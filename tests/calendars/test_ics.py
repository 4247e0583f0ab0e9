"""What becomes of an iCalendar's events."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from intranet_people.calendars.ics import expand
from intranet_people.calendars.source import CalendarError, CalendarEvent, Reading
from intranet_people.problems import Problem

from .conftest import END, GOOD, START, at_ten, calendar, event

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


DAILY = ("DTSTART;TZID=Europe/Berlin:20261024T100000", "DURATION:PT1H")


def test_single_event() -> None:
    meeting = only(read(at_ten("LOCATION:Room\\n 5\\, Hall")))
    assert meeting.uid == "talk-1"
    assert meeting.recurrence_id == ""
    assert meeting.starts_at == datetime(2026, 11, 23, 10, tzinfo=UTC)
    assert meeting.ends_at == datetime(2026, 11, 23, 11, tzinfo=UTC)
    assert meeting.starts_at.tzinfo is UTC
    assert (meeting.title, meeting.location) == ("Jörg's talk", "Room 5, Hall")
    assert (meeting.organizer, meeting.attendees, meeting.all_day) == (None, (), False)


def test_series_keeps_its_local_hour_when_summer_time_ends() -> None:
    reading = read(event(*DAILY, "RRULE:FREQ=DAILY;COUNT=3"))
    assert starts(reading) == ["1024T0800", "1025T0900", "1026T0900"]
    assert ids(reading) == ["20261024T080000Z", "20261025T090000Z", "20261026T090000Z"]


def test_series_with_an_exception_a_move_and_a_cancelled_day() -> None:
    series = event(*DAILY, "RRULE:FREQ=DAILY;COUNT=4", "EXDATE;TZID=Europe/Berlin:20261024T100000")
    moved = event(
        "RECURRENCE-ID;TZID=Europe/Berlin:20261025T100000",
        "DTSTART;TZID=Europe/Berlin:20261025T150000",
        "DTEND;TZID=Europe/Berlin:20261025T160000",
        title="Moved",
    )
    off = event("RECURRENCE-ID:20261026T090000Z", "DTSTART:20261026T090000Z", "STATUS:CANCELLED")
    reading = read(series, moved, off)
    assert starts(reading) == ["1025T1400", "1027T0900"]
    assert ids(reading) == ["20261025T090000Z", "20261027T090000Z"]
    assert reading.meetings[0].title == "Moved"
    # Who was invited to that one day only knows it by the same id.
    assert only(read(moved)).recurrence_id == "20261025T090000Z"


def test_this_and_future_occurrences_keep_ids_of_their_own() -> None:
    series = event("DTSTART:20261102T100000Z", "DTEND:20261102T110000Z", "RRULE:FREQ=DAILY;COUNT=4")
    later = event(
        "RECURRENCE-ID;RANGE=THISANDFUTURE:20261104T100000Z",
        "DTSTART:20261104T120000Z",
        "DTEND:20261104T130000Z",
    )
    reading = read(series, later)
    assert starts(reading) == ["1102T1000", "1103T1000", "1104T1200", "1105T1200"]
    assert ids(reading)[2:] == ["20261104T100000Z", "20261105T100000Z"]


def test_single_meeting_that_is_moved_stays_the_same() -> None:
    later = event("DTSTART:20261124T140000Z", "SEQUENCE:1")
    before, after = only(read(at_ten())), only(read(later))
    assert (before.uid, before.recurrence_id) == (after.uid, after.recurrence_id)


def test_whole_day_begins_in_the_zone_and_is_known_by_its_date() -> None:
    once = "DTSTART;VALUE=DATE:20261123", "RRULE:FREQ=DAILY;COUNT=1"
    meeting = only(read(event(*once), zone=BERLIN))
    assert meeting.all_day
    assert meeting.recurrence_id == "20261123"
    assert meeting.starts_at == datetime(2026, 11, 22, 23, tzinfo=UTC)
    assert meeting.ends_at == datetime(2026, 11, 23, 23, tzinfo=UTC)


def test_whole_day_of_zero_length_is_one_day() -> None:
    meeting = only(read(event("DTSTART;VALUE=DATE:20261123", "DTEND;VALUE=DATE:20261123")))
    assert (meeting.ends_at - meeting.starts_at).days == 1


def test_event_without_an_end_ends_where_it_starts() -> None:
    meeting = only(read(event("DTSTART:20261123T100000Z")))
    assert meeting.ends_at == meeting.starts_at


def test_floating_time_is_taken_in_the_zone() -> None:
    meeting = only(read(event("DTSTART:20261123T100000", "RRULE:FREQ=DAILY;COUNT=1"), zone=BERLIN))
    assert meeting.recurrence_id == "20261123T090000Z"


def test_floating_time_at_the_edge_of_the_span() -> None:
    span = START, datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    data = calendar(event("DTSTART:20261123T100000"))
    assert len(expand(data, *span, BERLIN).meetings) == 1
    assert expand(data, *span, ZoneInfo("UTC")).meetings == ()


def test_calendar_with_a_default_zone() -> None:
    reading = read("X-WR-TIMEZONE:Europe/Berlin", event("DTSTART:20261123T100000"))
    assert only(reading).starts_at.hour == 9
    assert len(read("X-WR-TIMEZONE:../etc/passwd", at_ten()).meetings) == 1


def test_windows_zone_name() -> None:
    line = "DTSTART;TZID=W. Europe Standard Time:20261123T100000"
    assert only(read(event(line))).starts_at.hour == 9


def zone_called(name: str, offset: str) -> str:
    part = ["BEGIN:STANDARD", "DTSTART:19700101T000000", f"TZOFFSETFROM:{offset}"]
    lines = ["BEGIN:VTIMEZONE", f"TZID:{name}", *part, f"TZOFFSETTO:{offset}", "END:STANDARD"]
    return "\r\n".join([*lines, "END:VTIMEZONE"])


def test_own_zone_of_a_calendar_does_not_reach_the_next() -> None:
    meeting = event("DTSTART;TZID=Corp:20261123T100000")
    assert only(read(zone_called("Corp", "+0500"), meeting)).starts_at.hour == 5
    assert only(read(zone_called("Corp", "+0300"), meeting)).starts_at.hour == 7
    assert only(read(meeting)).starts_at.hour == 10


def test_broken_zone_is_listed() -> None:
    reading = read(zone_called("Corp", "nonsense"), at_ten())
    assert len(reading.meetings) == 1
    assert str(reading.problems[0]).startswith("a time zone could not be read: ")


def test_cancelled_is_left_out_and_free_time_is_not() -> None:
    reading = read(at_ten("STATUS:CANCELLED"), at_ten("TRANSP:TRANSPARENT", uid="talk-2"))
    assert [meeting.uid for meeting in reading.meetings] == ["talk-2"]


def test_no_uid_gives_the_same_one_each_time() -> None:
    first, second = read(at_ten(uid=None)), read(at_ten(uid=None, title="Other"))
    assert only(first).uid == only(read(at_ten(uid=None))).uid != only(second).uid
    assert first.problems == (Problem("event-no-uid", "20261123T100000Z"),)


def test_endless_uid_is_shortened() -> None:
    assert len(only(read(at_ten(uid="x" * 10_000))).uid) == 32


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


def test_title_becomes_one_short_line() -> None:
    title = "Hi\\n\u202eall\x07 \x00" + "x" * 400
    meeting = only(read(at_ten(title=title)))
    assert meeting.title.startswith("Hi all x")
    assert len(meeting.title) == 300


def test_two_thousand_meetings_are_kept() -> None:
    reading = read(event("DTSTART:20261101T000000Z", "RRULE:FREQ=MINUTELY;COUNT=2100"))
    assert len(reading.meetings) == 2000
    assert reading.problems == (Problem("too-many-meetings", "2000", "2100"),)


def test_fifty_problems_are_listed() -> None:
    reading = read(*(event(f"DTSTART:2026{n}", uid=str(n)) for n in range(60)))
    assert len(reading.problems) == 51
    assert reading.problems[-1] == Problem("more-problems", "", "10")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is no calendar"),
        (b"<!doctype html><title>Sign in</title>", "is no calendar"),
        (b"\xff\xfe\x00", "is no calendar"),
        (calendar(at_ten())[:-20], "was cut off"),
        (calendar("CALSCALE:HEBREW"), "CALSCALE HEBREW"),
    ],
)
def test_what_is_no_calendar(data: bytes, reason: str) -> None:
    with pytest.raises(CalendarError, match=reason):
        expand(data, START, END)


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


def test_occurrence_moved_away_does_not_come_back() -> None:
    series = event("DTSTART:20261123T100000Z", "RRULE:FREQ=DAILY;COUNT=2")
    away = event("RECURRENCE-ID:20261123T100000Z", "DTSTART:20300101T100000Z")
    assert starts(read(series, away)) == ["1124T1000"]
