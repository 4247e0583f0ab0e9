"""Times as people say them, in the zone of the one who reads."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
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


def say_when(
    starts_at: datetime,
    ends_at: datetime,
    zone: ZoneInfo,
    now: datetime,
    *,
    all_day: bool = False,
    with_day: bool = True,
) -> tuple[str, str]:
    """When a meeting is, in two parts: what is near, and the time: (`in 25 minutes`, `10:00`).

    `with_day` says the day where it is not today. The first part may be empty.
    """
    first = starts_at.astimezone(UTC if all_day else zone)
    # A whole day ends at the midnight after it.
    last = (ends_at - timedelta(days=1)).astimezone(UTC) if all_day else ends_at.astimezone(zone)
    today = now.astimezone(zone).date()
    if all_day or (first.date() < last.date() and ends_at - starts_at >= timedelta(days=1)):
        day = _say_day(first, (first.date() - today).days) if with_day else ""
        if first.date() >= last.date():
            return day, gettext("all day")
        until = gettext(
            "until %(day)s", day=_say_day(last, (last.date() - today).days) or gettext("today")
        )
        return ("", until) if first.date() <= today or not day else (day, until)
    minutes = round((starts_at - now) / timedelta(minutes=1))
    if minutes <= 0:
        return gettext("now"), gettext("until %(day)s", day=formats.clock(last))
    near = _in_minutes(minutes) if minutes < 60 else ""
    day = _say_day(first, (first.date() - today).days) if with_day and not near else ""
    return near, f"{day} {formats.clock(first)}".strip()


def say_day(day: date, today: date) -> str:
    """`Today`, `Tomorrow`, else `Monday 30 November`."""
    days = (day - today).days
    if days in (0, 1):
        return gettext("Tomorrow") if days else gettext("Today")
    return gettext("%(weekday)s %(day)s", weekday=formats.weekday(day), day=formats.day(day))


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
