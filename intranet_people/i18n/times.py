"""Times as people say them, in the zone of the one who reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from . import formats
from .texts import gettext


def zone_of(time_zone: str | None, default: str) -> ZoneInfo:
    return ZoneInfo(time_zone or default)


def say_time(moment: datetime, zone: ZoneInfo, now: datetime) -> str:
    """`10:00` today, else `tomorrow 10:00`, `Thursday 10:00`, `3 December 10:00`."""
    local = moment.astimezone(zone)
    days = (local.date() - now.astimezone(zone).date()).days
    day, time = _say_day(local, days), formats.clock(local)
    return gettext("%(day)s %(time)s", day=day, time=time) if day else time


def say_start(starts_at: datetime, zone: ZoneInfo, now: datetime, *, all_day: bool = False) -> str:
    """When a meeting begins: `now`, `in 25 minutes`, `today`, `tomorrow`, `Thursday`."""
    minutes = round((starts_at - now) / timedelta(minutes=1))
    if not all_day and minutes < 60:
        return gettext("now") if minutes <= 0 else _in_minutes(minutes)
    # A whole day is the same day for everybody.
    local = starts_at.astimezone(UTC if all_day else zone)
    return _say_day(local, (local.date() - now.astimezone(zone).date()).days) or gettext("today")


def say_span(starts_at: datetime, ends_at: datetime, zone: ZoneInfo) -> str:
    """From when to when: `10:00–11:00`, or `10:00` where it has no end of its own."""
    first, last = (formats.clock(t.astimezone(zone)) for t in (starts_at, ends_at))
    return first if starts_at == ends_at else f"{first}–{last}"


def say_there(moment: datetime, time_zone: str, zone: ZoneInfo) -> str:
    """The time in `time_zone`, `17:35`; "" where clocks agree with `zone`, or it is not known."""
    if not time_zone:
        return ""
    there = moment.astimezone(ZoneInfo(time_zone))
    is_the_same = there.utcoffset() == moment.astimezone(zone).utcoffset()
    return "" if is_the_same else formats.clock(there)


def _in_minutes(n: int) -> str:
    return gettext("in a minute") if n == 1 else formats.passed(timedelta(minutes=n))


def _say_day(local: datetime, days: int) -> str:
    if days == 0:
        return ""
    if days in (1, -1):
        return gettext("tomorrow") if days == 1 else gettext("yesterday")
    if 1 < days < 7:
        return formats.weekday(local)
    return formats.day(local)
