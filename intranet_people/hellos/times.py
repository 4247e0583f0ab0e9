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
    """When a meeting begins: `in 25 minutes`, `now`, or the time as `say_time`."""
    current = current or now()
    if all_day:
        days = (starts_at.astimezone(UTC).date() - current.astimezone(zone).date()).days
        return _say_day(starts_at.astimezone(UTC), days) or "today"
    minutes = round((starts_at - current) / timedelta(minutes=1))
    if minutes <= 0:
        return "now"
    if minutes == 1:
        return "in a minute"
    return f"in {minutes} minutes" if minutes < 60 else say_time(starts_at, zone, current)


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
