"""Times as people say them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from intranet_people.i18n.times import say_day, say_there, say_time, say_when, zone_of

OSLO, TOKYO = ZoneInfo("Europe/Oslo"), ZoneInfo("Asia/Tokyo")
MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("later", "said"),
    [
        (timedelta(hours=1), "10:00"),
        (timedelta(days=1), "tomorrow 09:00"),
        (timedelta(days=-1), "yesterday 09:00"),
        (timedelta(days=3), "Thursday 09:00"),
        (timedelta(days=7), "30 November 09:00"),
        (timedelta(days=-2), "21 November 09:00"),
    ],
)
def test_time(later: timedelta, said: str) -> None:
    assert say_time(MONDAY + later, OSLO, MONDAY) == said


def test_the_day_is_that_of_the_reader() -> None:
    late = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
    assert say_time(late, OSLO, MONDAY) == "21:00"
    assert say_time(late, TOKYO, MONDAY) == "tomorrow 05:00"


HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("later", "said"),
    [
        (timedelta(minutes=-5), ("now", "until 09:55")),
        (timedelta(seconds=70), ("in a minute", "09:01")),
        (timedelta(minutes=25), ("in 25 minutes", "09:25")),
        (HOUR, ("", "10:00")),
        (DAY, ("", "tomorrow 09:00")),
        (3 * DAY, ("", "Thursday 09:00")),
    ],
)
def test_when_it_is(later: timedelta, said: tuple[str, str]) -> None:
    start = MONDAY + later
    assert say_when(start, start + HOUR, OSLO, MONDAY) == said


def test_a_day_that_the_page_says_already() -> None:
    start = MONDAY + DAY
    assert say_when(start, start + HOUR, OSLO, MONDAY, with_day=False) == ("", "09:00")


@pytest.mark.parametrize(
    ("first", "days", "said"),
    [
        (0, 1, ("", "all day")),
        (1, 1, ("tomorrow", "all day")),
        (0, 3, ("", "until Wednesday")),
        (-1, 3, ("", "until tomorrow")),
        (-2, 3, ("", "until today")),
        (2, 2, ("Wednesday", "until Thursday")),
    ],
)
@pytest.mark.parametrize("zone", [OSLO, TOKYO])
def test_whole_days(first: int, days: int, said: tuple[str, str], zone: ZoneInfo) -> None:
    """They are the reader's own days, wherever that is."""
    start = datetime(2026, 11, 23, tzinfo=UTC) + first * DAY
    assert say_when(start, start + days * DAY, zone, MONDAY, all_day=True) == said


def test_several_days_with_hours() -> None:
    assert say_when(MONDAY - DAY, MONDAY + DAY, OSLO, MONDAY) == ("", "until tomorrow")
    assert say_when(MONDAY + DAY, MONDAY + 3 * DAY, OSLO, MONDAY) == ("tomorrow", "until Thursday")


@pytest.mark.parametrize(
    ("days", "said"), [(0, "Today"), (1, "Tomorrow"), (2, "Wednesday 25 November")]
)
def test_day(days: int, said: str) -> None:
    assert say_day(MONDAY.date() + days * DAY, MONDAY.date()) == said


def test_there() -> None:
    assert say_there(MONDAY, "Asia/Tokyo", OSLO) == "17:00"
    assert say_there(MONDAY, "Asia/Tokyo", TOKYO) == ""
    assert say_there(MONDAY, "", OSLO) == ""


def test_zone_of() -> None:
    assert zone_of("Asia/Tokyo", "UTC").key == "Asia/Tokyo"
    assert zone_of("", "Europe/Oslo").key == "Europe/Oslo"
    assert zone_of(None, "UTC").key == "UTC"
