"""Times as people say them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from intranet_people.i18n.times import say_span, say_start, say_there, say_time, zone_of

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


@pytest.mark.parametrize(
    ("later", "said"),
    [
        (timedelta(minutes=-5), "now"),
        (timedelta(seconds=70), "in a minute"),
        (timedelta(minutes=25), "in 25 minutes"),
        (timedelta(minutes=60), "today"),
        (timedelta(days=1), "tomorrow"),
        (timedelta(days=3), "Thursday"),
    ],
)
def test_start(later: timedelta, said: str) -> None:
    assert say_start(MONDAY + later, OSLO, MONDAY) == said


def test_whole_days() -> None:
    day = datetime(2026, 11, 23, tzinfo=UTC)
    assert say_start(day, OSLO, MONDAY, all_day=True) == "today"
    assert say_start(day + timedelta(days=2), OSLO, MONDAY, all_day=True) == "Wednesday"


def test_span() -> None:
    assert say_span(MONDAY, MONDAY + timedelta(hours=1), OSLO) == "09:00–10:00"
    assert say_span(MONDAY, MONDAY, OSLO) == "09:00"


def test_there() -> None:
    assert say_there(MONDAY, "Asia/Tokyo", OSLO) == "17:00"
    assert say_there(MONDAY, "Asia/Tokyo", TOKYO) == ""
    assert say_there(MONDAY, "", OSLO) == ""


def test_zone_of() -> None:
    assert zone_of("Asia/Tokyo", "UTC").key == "Asia/Tokyo"
    assert zone_of("", "Europe/Oslo").key == "Europe/Oslo"
    assert zone_of(None, "UTC").key == "UTC"
