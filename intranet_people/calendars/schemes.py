"""From the setting PEOPLE_CALENDARS to the source that reads it."""

from __future__ import annotations

from importlib.util import find_spec
from zoneinfo import ZoneInfo

from .source import CalendarSource

SCHEMES = ("ics+https", "ics+http", "ics+file")
_NEEDED = ("icalendar", "recurring_ical_events", "requests")


def source_of(spec: str, *, zone: ZoneInfo | None = None) -> CalendarSource:
    """The source for `spec`, such as ics+https://mail.corp.example/{mail}/calendar.ics.

    `zone` (UTC where None) is where floating times and whole days begin. Raises ValueError,
    naming PEOPLE_CALENDARS, for a spec that is wrong or where the extra is not installed.
    """
    scheme = spec.partition(":")[0].lower()
    is_embedded = scheme == "embedded"
    if not is_embedded and (scheme not in SCHEMES or not spec.lower().startswith(f"{scheme}://")):
        known = ", ".join(f"{name}://" for name in SCHEMES)
        raise ValueError(f"PEOPLE_CALENDARS: the address must begin with one of {known}")
    if missing := [name for name in _NEEDED if find_spec(name) is None]:
        raise ValueError(
            f"PEOPLE_CALENDARS needs {', '.join(missing)}: pip install intranet-people[calendars]"
        )
    # Only now: the package has to import without the extra.
    from .embedded import EmbeddedSource
    from .ics_source import IcsSource

    if is_embedded:
        return EmbeddedSource(spec, zone or ZoneInfo("UTC"))
    return IcsSource(scheme + spec[len(scheme) :], zone or ZoneInfo("UTC"))
