"""The calendars of the sample company, by the one setting that the README names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from intranet_people.calendars import CalendarMissing, Owner, source_of
from intranet_people.calendars.embedded import EmbeddedSource

SPEC = "embedded:intranet_people.demo.meetings"


def test_the_sample_company_has_meetings() -> None:
    source = source_of(SPEC)
    assert isinstance(source, EmbeddedSource)
    now = datetime.now(UTC)
    try:
        reading = source.read(Owner("tomas", None), now, now + timedelta(days=7))
        with pytest.raises(CalendarMissing):
            source.read(Owner("nobody", None), now, now + timedelta(days=7))
    finally:
        source.close()
    titles = [meeting.title for meeting in reading.meetings]
    assert "Quarterly planning" in titles
    assert reading.problems == ()


@pytest.mark.parametrize("name", ["nowhere.at.all", "intranet_people.text", "", ".meetings"])
def test_a_module_without_calendars_is_named(name: str) -> None:
    with pytest.raises(ValueError, match=r"PEOPLE_CALENDARS: .* is not a module with calendars"):
        source_of(f"embedded:{name}", zone=ZoneInfo("UTC"))
