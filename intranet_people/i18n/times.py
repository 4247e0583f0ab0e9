"""Times as people say them, in the zone of the one who reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from ..people.person import Person, now
from . import words
from .words import gettext


def zone_of(person: Person | None, default: str) -> ZoneInfo:
    return ZoneInfo((person and person.time_zone) or default)


def say_time(moment: datetime, zone: ZoneInfo, today: datetime | None = None) -> str:
    """`10:00` today, else `tomorrow 10:00`, `Thursday 10:00`, `3 December 10:00`."""
    local = moment.astimezone(zone)
    days = (local.date() - (today or now()).astimezone(zone).date()).days
    day, time = _say_day(local, days), words.clock(local)
    return gettext("%(day)s %(time)s", day=day, time=time) if day else time


def say_start(
    starts_at: datetime, zone: ZoneInfo, all_day: bool = False, current: datetime | None = None
) -> str:
    """When a meeting begins: `now`, `in 25 minutes`, `today`, `tomorrow`, `Thursday`."""
    current = current or now()
    minutes = round((starts_at - current) / timedelta(minutes=1))
    if not all_day and minutes < 60:
        return gettext("now") if minutes <= 0 else _in_minutes(minutes)
    # A whole day is the same day for everybody.
    local = starts_at.astimezone(UTC if all_day else zone)
    return _say_day(local, (local.date() - current.astimezone(zone).date()).days) or gettext(
        "today"
    )


def say_span(starts_at: datetime, ends_at: datetime, zone: ZoneInfo) -> str:
    """From when to when: `10:00–11:00`, or `10:00` where it has no end of its own."""
    first, last = (words.clock(t.astimezone(zone)) for t in (starts_at, ends_at))
    return first if starts_at == ends_at else f"{first}–{last}"


def say_there(moment: datetime, person: Person, zone: ZoneInfo) -> str:
    """The time where `person` is, `17:35`, or "" where clocks agree or it is not known."""
    if not person.time_zone:
        return ""
    there = moment.astimezone(ZoneInfo(person.time_zone))
    is_the_same = there.utcoffset() == moment.astimezone(zone).utcoffset()
    return "" if is_the_same else words.clock(there)


def _in_minutes(n: int) -> str:
    return gettext("in a minute") if n == 1 else words.passed(timedelta(minutes=n))


def _say_day(local: datetime, days: int) -> str:
    if days == 0:
        return ""
    if days in (1, -1):
        return gettext("tomorrow") if days == 1 else gettext("yesterday")
    if 1 < days < 7:
        return words.weekday(local)
    return words.day(local)
