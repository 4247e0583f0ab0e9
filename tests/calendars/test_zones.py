"""When a meeting is: in the zone that it names, that its calendar names, or that is set."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from intranet_people.calendars.ics import expand

from .conftest import START, at_ten, calendar, event
from .expanded import BERLIN, only, read


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
