"""Times as people say them, in the zone of the one who reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from ..people.person import Person, now


def zone_of(person: Person | None, default: str) -> ZoneInfo:
    return ZoneInfo((person and person.time_zone) or default)


def say_time(moment: datetime, zone: ZoneInfo, today: datetime | None = None) -> str:
    """`10:00` today, else `tomorrow 10:00`, `Thursday 10:00`, `3 December 10:00`."""
    local = moment.astimezone(zone)
    days = (local.date() - (today or now()).astimezone(zone).date()).days
    return " ".join(filter(None, (_say_day(local, days), f"{local:%H:%M}")))


def say_start(
    starts_at: datetime, zone: ZoneInfo, all_day: bool = False, current: datetime | None = None
) -> str:
    """When a meeting begins: `now`, `in 25 minutes`, `today`, `tomorrow`, `Thursday`."""
    current = current or now()
    minutes = round((starts_at - current) / timedelta(minutes=1))
    if not all_day and minutes < 60:
        return "now" if minutes <= 0 else "in a minute" if minutes == 1 else f"in {minutes} minutes"
    # A whole day is the same day for everybody.
    local = starts_at.astimezone(UTC if all_day else zone)
    return _say_day(local, (local.date() - current.astimezone(zone).date()).days) or "today"


def say_span(starts_at: datetime, ends_at: datetime, zone: ZoneInfo) -> str:
    """From when to when: `10:00–11:00`, or `10:00` where it has no end of its own."""
    first, last = (f"{t.astimezone(zone):%H:%M}" for t in (starts_at, ends_at))
    return first if starts_at == ends_at else f"{first}–{last}"


def say_there(moment: datetime, person: Person, zone: ZoneInfo) -> str:
    """The time where `person` is, `17:35`, or "" where clocks agree or it is not known."""
    if not person.time_zone:
        return ""
    there = moment.astimezone(ZoneInfo(person.time_zone))
    return "" if there.utcoffset() == moment.astimezone(zone).utcoffset() else f"{there:%H:%M}"


def _say_day(local: datetime, days: int) -> str:
    if days == 0:
        return ""
    if days in (1, -1):
        return "tomorrow" if days == 1 else "yesterday"
    if 1 < days < 7:
        return f"{local:%A}"
    return f"{local.day} {local:%B}"
