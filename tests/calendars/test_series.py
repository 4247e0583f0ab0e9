"""Meetings that come again: each by an id that stays, also when one of them is moved."""

from __future__ import annotations

from .conftest import at_ten, event
from .expanded import ids, only, read, starts

DAILY = ("DTSTART;TZID=Europe/Berlin:20261024T100000", "DURATION:PT1H")


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


def test_occurrence_moved_away_does_not_come_back() -> None:
    series = event("DTSTART:20261123T100000Z", "RRULE:FREQ=DAILY;COUNT=2")
    away = event("RECURRENCE-ID:20261123T100000Z", "DTSTART:20300101T100000Z")
    assert starts(read(series, away)) == ["1124T1000"]
