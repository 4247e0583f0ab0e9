"""Times and numbers as the viewer writes them, in the time zone where the viewer is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from intranet_people.clock import now
from intranet_people.i18n import formats, times
from intranet_people.meetings.meeting import Meeting
from intranet_people.people.person import Person

from ..client import Browser
from .conftest import Speak

AFTERNOON = datetime(2026, 11, 26, 15, 0, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("en", "Thursday 15:00"),
        ("en_GB", "Thursday 15:00"),
        ("en_US", "Thursday 3:00\u202fPM"),
        ("de", "Donnerstag, 15:00"),
    ],
)
def test_formats_are_those_of_the_exact_locale(speak: Speak, locale: str, said: str) -> None:
    with speak(PEOPLE_LOCALE=locale).test_request_context("/"):
        assert times.say_time(AFTERNOON, times.zone_of(None, "UTC"), MONDAY) == said


def test_english_of_the_browser_has_24_hours(speak: Speak) -> None:
    with speak().test_request_context("/", headers={"Accept-Language": "en-US"}):
        assert times.say_time(AFTERNOON, times.zone_of(None, "UTC"), MONDAY) == "Thursday 15:00"
        assert formats.day(AFTERNOON) == "26 November"
        assert formats.number(1204) == "1,204"
    with speak().test_request_context("/", headers={"Accept-Language": "de"}):
        assert formats.day(AFTERNOON) == "26. November"
        assert formats.number(1204) == "1.204"


def test_leavers_in_the_month_of_the_viewer(speak: Speak, store: Session) -> None:
    """An hour before midnight of the last of March, which in Tokyo is the first of April."""
    dana = store.scalars(select(Person).where(Person.handle == "dana")).one()
    app = speak()
    for name in ("kenji", "tomas"):
        Browser(app, name).post("/people/@dana/follow")
    dana.left_at = datetime(2026, 3, 31, 19, 0, tzinfo=UTC)
    store.commit()
    for name, language, said in (
        ("kenji", "en", "left in April 2026"),
        ("kenji", "de", "seit April 2026 nicht mehr dabei"),
        ("tomas", "en", "left in March 2026"),
        ("tomas", "de", "seit März 2026 nicht mehr dabei"),
    ):
        client = Browser(app, name).client
        assert said in client.get("/people/@dana", headers={"Accept-Language": language}).text


def test_meetings_in_the_zone_of_the_viewer(speak: Speak, store: Session) -> None:
    """In both languages: Kenji's clock in Yokohama, Dana's in Oslo."""
    tomorrow = (now() + timedelta(days=3)).replace(hour=20, minute=30, second=0, microsecond=0)
    for meeting in store.scalars(select(Meeting).where(Meeting.title == "Quarterly planning")):
        meeting.starts_at, meeting.ends_at = tomorrow, tomorrow + timedelta(hours=1)
    store.commit()
    app = speak()
    for name, language in (("kenji", "en"), ("kenji", "de"), ("dana", "en"), ("dana", "de")):
        person = store.scalars(select(Person).where(Person.handle == name)).one()
        zone = times.zone_of(person.time_zone if person else None, "UTC")
        local = tomorrow.astimezone(zone)
        german = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag")
        weekday = german[local.weekday()] if language == "de" else f"{local:%A}"
        client = Browser(app, name).client
        page = client.get(
            f"/people/meetings?on={local.date()}", headers={"Accept-Language": language}
        ).text
        _, _, after = page.partition(tomorrow.isoformat())
        assert f">{weekday}" in page
        assert after.startswith(f'">{local:%H:%M}</time>')
