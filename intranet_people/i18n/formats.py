"""Clock times, days, spans of time and numbers, as the language of the request has them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from babel import Locale
from .language import language


def clock(local: datetime) -> str:
    """`10:00`."""
    return _clock(language().locale, local.hour, local.minute)


def weekday(local: date) -> str:
    """`Thursday`."""
    from babel.dates import format_date

    return format_date(local, "cccc", locale=language().locale)


def day(local: date) -> str:
    """`3 December`."""
    from babel.dates import format_skeleton

    midnight = datetime(local.year, local.month, local.day, tzinfo=UTC)
    return format_skeleton("MMMMd", midnight, tzinfo=UTC, locale=language().locale)


def month(local: datetime, with_year: bool = False) -> str:
    """`March`, or `March 2026`."""
    from babel.dates import format_date, format_skeleton

    here = language().locale
    if with_year:
        return format_skeleton("yMMMM", local, tzinfo=local.tzinfo, locale=here)
    return format_date(local, "LLLL", locale=here)


def passed(span: timedelta) -> str:
    """Of what is to come `in 25 minutes`, of what was (less than nothing) `4 minutes ago`."""
    from babel.dates import format_timedelta

    seconds = abs(span.total_seconds())
    unit, length = next(u for u in _UNITS if seconds >= u[1] or u is _UNITS[-1])
    # Whole ones: 59 minutes are not an hour yet.
    whole = timedelta(seconds=seconds // length * length) * (1 if span > timedelta() else -1)
    return format_timedelta(
        whole, granularity=unit, threshold=10**6, add_direction=True, locale=language().locale
    )


_UNITS: tuple[tuple[Literal["day", "hour", "minute"], int], ...] = (
    ("day", 86400),
    ("hour", 3600),
    ("minute", 60),
)


def number(n: float, pattern: str | None = None) -> str:
    """`1,204`; `pattern` is one of Unicode's (UTS 35), as `0.0` for one decimal."""
    from babel.numbers import format_decimal

    return format_decimal(n, pattern, locale=language().locale)


@lru_cache(5000)
def _clock(locale: Locale, hour: int, minute: int) -> str:
    from babel.dates import format_time

    return format_time(time(hour, minute), "short", locale=locale)
