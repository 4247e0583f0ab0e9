"""Hostile calendars cost their own reading, and no one else's."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

import pytest

from intranet_people.calendars.ics import expand
from intranet_people.calendars.source import CalendarError, CalendarMissing, Reading
from intranet_people.calendars.worker import Expander

from .conftest import END, GOOD, HOSTILE, START, Read, at_ten, calendar, event

pytestmark = pytest.mark.process

CORPUS = Path(__file__).parents[2].parent / "shared/corpora/calendars"


def outcome(expander: Expander, data: bytes) -> str:
    """How the reading ends: "read", or a CalendarError's words. Nothing else may come."""
    try:
        reading = expander.expand(data, datetime(2000, 1, 1, tzinfo=UTC), END)
    except CalendarError as error:
        return "missing" if isinstance(error, CalendarMissing) else str(error)
    return "read" if isinstance(reading, Reading) else "nonsense"


def test_the_child_answers_what_expand_does(read: Read) -> None:
    data = calendar(
        at_ten("ATTENDEE;CN=Jörg:mailto:joerg@corp.example", "ORGANIZER;CN=Alice:urn:x"),
        event("DTSTART;VALUE=DATE:20261123", uid="fair", title="Messe \U0001f600"),
        event(uid="broken"),
    )
    assert read(data) == expand(data, START, END)


def test_one_child_for_many_calendars(expander: Expander, read: Read) -> None:
    read(GOOD)
    pid = expander.child.pid
    assert pid
    with pytest.raises(CalendarError, match="is not a calendar"):
        read(b"<html>")
    assert len(read(GOOD).meetings) == 1
    assert expander.child.pid == pid


def test_child_that_cannot_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    with Expander() as expander, pytest.raises(CalendarError, match="no child process"):
        expander.expand(GOOD, START, END)


def test_hostile_rule_is_killed_in_two_seconds_and_the_next_works(read: Read) -> None:
    read(GOOD)
    began = monotonic()
    with pytest.raises(CalendarError, match=r"took longer than 2 s$"):
        read(calendar(HOSTILE))
    assert 1.9 < monotonic() - began < 3
    assert len(read(GOOD).meetings) == 1


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY;COUNT=999999999",
        "FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=31",
        "FREQ=SECONDLY;INTERVAL=1;BYSECOND=61",
        "FREQ=YEARLY;BYDAY=53MO;BYMONTH=2",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=WEEKLY;COUNT=99999999999999999999999999",
    ],
)
def test_other_hostile_rules_end_in_an_error_or_in_time(rule: str) -> None:
    data = calendar(event("DTSTART:19700101T000000Z", f"RRULE:{rule}"), at_ten(uid="bob"))
    with Expander(seconds=0.5) as expander:
        assert outcome(expander, data) in {"read", "it could not be read: took longer than 0.5 s"}
        assert len(expander.expand(GOOD, START, END).meetings) == 1


def test_memory_hog_is_stopped_and_the_next_works() -> None:
    hog = calendar(event("DTSTART:20000101T000000Z", "RRULE:FREQ=SECONDLY"))
    with Expander(seconds=200, megabytes=96) as expander:
        with pytest.raises(CalendarError, match=r"needed more than 96 MB$"):
            expander.expand(hog, START, END)
        assert len(expander.expand(GOOD, START, END).meetings) == 1


def test_eleven_megabytes_are_refused_unread(expander: Expander) -> None:
    with pytest.raises(CalendarError, match="larger than 10 MB"):
        expander.expand(b"x" * 11_000_000, START, END)


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the public corpus of calendars is not here")
def test_every_calendar_of_the_corpus_is_read_or_refused(expander: Expander) -> None:
    files = sorted(CORPUS.rglob("*.ics"))
    assert len(files) > 150
    outcomes = [outcome(expander, file.read_bytes()) for file in files]
    known = {"read", "it is not a calendar", "it was cut off", "it could not be read: took longer"}
    assert [text for text in outcomes if not text.startswith(tuple(known))] == []
    assert outcomes.count("read") > 100
