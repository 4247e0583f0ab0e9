"""Creates the calendar source for an address in PEOPLE_CALENDARS."""

from __future__ import annotations

from importlib.util import find_spec
from zoneinfo import ZoneInfo

from .source import CalendarSource

SCHEMES = ("ics+https", "ics+http", "ics+file")
_REQUIRED = ("icalendar", "recurring_ical_events", "requests")


def source_of(spec: str, *, zone: ZoneInfo | None = None) -> CalendarSource:
    """The source for `spec`, such as ics+https://mail.corp.example/{mail}/calendar.ics.

    `zone`, by default UTC, applies to floating times and all-day events. Raises ValueError, naming
    PEOPLE_CALENDARS, if `spec` is invalid or the extra is not installed.
    """
    scheme = spec.partition(":")[0].lower()
    is_embedded = scheme == "embedded"
    if not is_embedded and (scheme not in SCHEMES or not spec.lower().startswith(f"{scheme}://")):
        known = ", ".join(f"{name}://" for name in SCHEMES)
        raise ValueError(f"PEOPLE_CALENDARS: the address must begin with one of {known}")
    if missing := [name for name in _REQUIRED if find_spec(name) is None]:
        raise ValueError(
            f"PEOPLE_CALENDARS needs {', '.join(missing)}: pip install intranet-people[calendars]"
        )
    # Imported here because the package must be importable without the extra.
    from .embedded import EmbeddedSource
    from .ics_source import IcsSource

    if is_embedded:
        return EmbeddedSource(spec, zone or ZoneInfo("UTC"))
    return IcsSource(scheme + spec[len(scheme) :], zone or ZoneInfo("UTC"))
