"""In which language a page is, who decides that, and what a cache is told of it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask, render_template_string, request
from flask_babel import Babel, force_locale, get_locale
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from intranet_people import IntranetPeople, SettingsError
from intranet_people.i18n import formats, texts, times
from intranet_people.i18n.texts import html_label
from intranet_people.people.person import Person
from intranet_people.widgets.widget import people_widget

from .. import SECRET_KEY
from ..client import Browser
from ..conftest import COMPANY, MakeApp, close
from .conftest import Speak

ENGLISH, GERMAN = "Search people", "Leute suchen"


def page_in(app: Flask, languages: str | None, path: str = "/people/sign-in") -> str:
    headers = {"Accept-Language": languages} if languages else {}
    return app.test_client().get(path, headers=headers).text


@pytest.mark.parametrize(
    ("languages", "tag"),
    [
        (None, "en"),
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("de-AT, en;q=0.5", "de"),
        ("en-US,en;q=0.9,de;q=0.8", "en"),
        ("en;q=0.3, de;q=0.7", "de"),
        ("de;q=0, en", "en"),
        ("de;q=0", "en"),
        ("fr-FR, fr;q=0.9", "en"),
        ("fr, de;q=0.5", "de"),
        ("*", "en"),
        ("xx-nonsense, ;q=, \u00e4", "en"),
    ],
)
def test_the_browser_decides(speak: Speak, languages: str | None, tag: str) -> None:
    page = page_in(speak(), languages)
    assert f'<html lang="{tag}" dir="ltr">' in page
    assert f'class="ip-page" lang="{tag}" dir="ltr"' in page
    assert ("Passwort" if tag == "de" else "Password") in page


def test_setting_wins_over_the_browser(speak: Speak) -> None:
    app = speak(PEOPLE_LOCALE="de_AT")
    assert '<html lang="de-AT"' in page_in(app, "en")
    assert "Passwort" in page_in(app, "en")


def test_setting_without_texts_is_english(speak: Speak) -> None:
    app = speak(PEOPLE_LOCALE="fr")
    assert '<html lang="en"' in page_in(app, "de")
    with app.test_request_context("/"):
        assert formats.clock(datetime(2026, 3, 1, 15, 5)) == "15:05"
        assert formats.weekday(datetime(2026, 3, 1)) == "Sunday"


@pytest.mark.parametrize("wrong", ["deutsch", "de_XX", "english please", "../de"])
def test_setting_that_is_no_locale(open_app: MakeApp, wrong: str) -> None:
    with pytest.raises(SettingsError, match="PEOPLE_LOCALE must be a locale as de or en_US"):
        open_app(PEOPLE_LOCALE=wrong, **COMPANY)


def test_caches_are_told(speak: Speak) -> None:
    def varies(app: Flask, path: str = "/people/sign-in") -> bool:
        with app.test_client().get(path) as answer:
            return "Accept-Language" in answer.headers.get("Vary", "")

    assert varies(speak())
    assert not varies(speak(PEOPLE_LOCALE="de"))
    assert not varies(speak(), "/people/health")
    assert not varies(speak(), "/people/static/people.css")


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


def test_commands_are_english(speak: Speak) -> None:
    app = speak(PEOPLE_LOCALE="de")
    with app.app_context():
        assert texts.gettext("Say hi") == "Say hi"
        assert formats.number(1204) == "1,204"
    assert "120 read" in app.test_cli_runner().invoke(args=["people", "status"]).output


def test_each_request_of_one_app_context_has_its_own(speak: Speak) -> None:
    app = speak()
    with app.app_context():
        for language, said in (("de", "Hallo sagen"), ("en", "Say hi")):
            with app.test_request_context("/", headers={"Accept-Language": language}):
                assert texts.gettext("Say hi") == said


class Intranet:
    """A host with Flask-Babel, whose people choose their language; `chosen` may be an error."""

    def __init__(self, database: str, **config: object) -> None:
        self.chosen: str | Exception | None = "de"
        self.app = Flask("intranet")
        own = {"SQLALCHEMY_DATABASE_URI": database, "SECRET_KEY": SECRET_KEY, "TESTING": True}
        self.app.config.update(COMPANY, **own, **config)
        Babel(self.app, locale_selector=self._select)
        IntranetPeople(self.app, viewer=lambda: request.headers.get("X-Who"))
        self.app.add_url_rule("/", "home", self._home)

    def _select(self) -> str | None:
        if isinstance(self.chosen, Exception):
            raise self.chosen
        return self.chosen

    def _home(self) -> str:
        widgets = "{{ people_widget('card', 'dana') }}{{ people_widget('search') }}"
        return render_template_string("{{ _locale }}" + widgets, _locale=str(get_locale()))

    def get(self, path: str, language: str = "en") -> str:
        headers = {"X-Who": "tomas", "Accept-Language": language}
        return self.app.test_client().get(path, headers=headers).text


@pytest.fixture
def intranet(company_url: str) -> Iterator[Intranet]:
    intranet = Intranet(company_url)
    yield intranet
    close(intranet.app)


def test_flask_babel_of_the_host(intranet: Intranet) -> None:
    assert GERMAN in intranet.get("/people/")
    intranet.chosen = "en_US"
    page = intranet.get("/people/", language="de")
    assert ENGLISH in page
    assert '<html lang="en-US"' in page
    answer = intranet.app.test_client().get("/people/", headers={"X-Who": "tomas"})
    assert "Accept-Language" not in answer.headers["Vary"]


def test_what_the_host_forces_for_a_while(intranet: Intranet) -> None:
    """As a receiver does that writes to somebody else in theirs."""
    intranet.chosen = "en"
    with intranet.app.test_request_context("/", headers={"X-Who": "tomas"}):
        assert "Follow" in people_widget("follow", "dana")
        with force_locale("de"):
            assert "Folgen" in people_widget("follow", "dana")
        assert "Follow" in people_widget("follow", "dana")


def test_a_browser_that_asks_for_a_great_deal(speak: Speak) -> None:
    asked = "a" + "-a" * 30_000 + ", " + ", ".join(["xx"] * 30) + ", de"
    assert '<html lang="en"' in page_in(speak(), asked)


def test_a_name_that_grows_as_it_is_lowered() -> None:
    whole = Markup("İbrahim Çelik folgen")
    heard = '<span class="ip-visually-hidden">İbrahim Çelik </span>Folgen'
    assert html_label(whole, Markup("Folgen")) == heard


def test_a_language_of_the_host_that_we_do_not_speak(intranet: Intranet) -> None:
    intranet.chosen = "fr"
    page = intranet.get("/people/", language="de")
    assert ENGLISH in page
    assert '<html lang="en"' in page


def test_widgets_say_their_language(intranet: Intranet) -> None:
    """Beside them the host's page may be in another."""
    intranet.chosen = "fr"
    home = intranet.get("/")
    assert home.startswith("fr")
    assert '<article class="ip-card ip-person-card" lang="en" dir="ltr" data-person="dana"' in home
    assert '<search class="ip-search" lang="en" dir="ltr"' in home
    assert 'class="ip-search" hx' in intranet.get("/people/"), "a page says it once"


def test_setting_wins_over_flask_babel(company_url: str) -> None:
    intranet = Intranet(company_url, PEOPLE_LOCALE="en")
    assert ENGLISH in intranet.get("/people/")
    close(intranet.app)


@pytest.mark.parametrize("error", [RuntimeError("no user"), OperationalError("", {}, Exception())])
def test_a_selector_that_fails(
    intranet: Intranet, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    intranet.chosen = error
    page = intranet.get("/people/", language="de")
    assert GERMAN in page, "the browser's, then"
    assert "The locale selector of the host failed" in caplog.text


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
    from intranet_people.clock import now
    from intranet_people.meetings.meeting import Meeting

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
        page = client.get("/people/meetings", headers={"Accept-Language": language}).text
        _, _, after = page.partition(tomorrow.isoformat())
        assert after.startswith(f'">{weekday}</time>')
        end = (local + timedelta(hours=1)).strftime("%H:%M")
        assert f"{local:%H:%M}–{end}" in after[:800]


def test_catalogues_are_read_when_they_are_needed() -> None:
    """Neither the start nor an English page waits for them, nor for what reads them."""
    code = """
import sys
from intranet_people.i18n import texts
from intranet_people.standalone import create_app
app = create_app({}, SECRET_KEY=sys.argv[1], SQLALCHEMY_DATABASE_URI="sqlite://",
    PEOPLE_LDAP_URI="ldap://localhost", PEOPLE_LDAP_BASE_DN="dc=x")
with app.test_request_context("/"):
    assert texts.gettext("Say hi") == "Say hi"
assert "babel.messages" not in sys.modules
with app.test_request_context("/", headers={"Accept-Language": "de"}):
    assert texts.gettext("Say hi") == "Hallo sagen"
"""
    subprocess.run([sys.executable, "-c", code, SECRET_KEY], check=True)
