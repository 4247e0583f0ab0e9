"""Calendars of named people, and the span that they are read for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from intranet_people.calendars.source import Reading
from intranet_people.calendars.worker import Expander

START = datetime(2026, 10, 19, tzinfo=UTC)
END = datetime(2026, 11, 30, tzinfo=UTC)


def calendar(*parts: str) -> bytes:
    """A VCALENDAR of `parts`, which are components or properties."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//corp//example", *parts, "END:VCALENDAR"]
    return "\r\n".join([*lines, ""]).encode()


def event(*lines: str, uid: str | None = "talk-1", title: str = "Jörg's talk") -> str:
    """A VEVENT with UID (None: without), SUMMARY and `lines`."""
    named = [f"UID:{uid}"] if uid is not None else []
    return "\r\n".join(["BEGIN:VEVENT", *named, f"SUMMARY:{title}", *lines, "END:VEVENT"])


def at_ten(*lines: str, uid: str | None = "talk-1", title: str = "Jörg's talk") -> str:
    """A VEVENT on 23 November 2026, 10:00 to 11:00 UTC."""
    return event("DTSTART:20261123T100000Z", "DTEND:20261123T110000Z", *lines, uid=uid, title=title)


# Some 10^9 seconds lie before the span: the libraries walk through every one of them.
HOSTILE = event("DTSTART:19700101T000000Z", "RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30")
GOOD = calendar(at_ten())

Read = Callable[[bytes], Reading]


@pytest.fixture(scope="package")
def expander() -> Iterator[Expander]:
    """One child process for all tests of the folder, with the limits of production."""
    with Expander() as expander:
        yield expander


@pytest.fixture
def read(expander: Expander) -> Read:
    """Reads a calendar for START to END through the child."""
    return lambda data: expander.expand(data, START, END)
