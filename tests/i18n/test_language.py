"""In which language a page is where no host says: the browser's, or the one that is set."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime

import pytest
from flask import Flask
from markupsafe import Markup

from intranet_people import SettingsError
from intranet_people.i18n import formats, texts
from intranet_people.i18n.texts import html_label

from .. import SECRET_KEY
from ..conftest import COMPANY, MakeApp
from .conftest import Speak


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
    with pytest.raises(SettingsError, match="PEOPLE_LOCALE must be a locale such as de or en_US"):
        open_app(PEOPLE_LOCALE=wrong, **COMPANY)


def test_caches_are_told(speak: Speak) -> None:
    def varies(app: Flask, path: str = "/people/sign-in") -> bool:
        with app.test_client().get(path) as answer:
            return "Accept-Language" in answer.headers.get("Vary", "")

    assert varies(speak())
    assert not varies(speak(PEOPLE_LOCALE="de"))
    assert not varies(speak(), "/people/health")
    assert not varies(speak(), "/people/static/people.css")


def test_commands_are_english(speak: Speak) -> None:
    app = speak(PEOPLE_LOCALE="de")
    with app.app_context():
        assert texts.gettext("Say hi") == "Say hi"
        assert formats.number(1204) == "1,204"
    assert "120 read" in app.test_cli_runner().invoke(args=["people", "status"]).output


def test_each_request_of_one_app_context_has_its_own(speak: Speak) -> None:
    app = speak()
    with app.app_context():
        for language, said in (("de", "Grüßen"), ("en", "Say hi")):
            with app.test_request_context("/", headers={"Accept-Language": language}):
                assert texts.gettext("Say hi") == said


def test_a_browser_that_asks_for_a_great_deal(speak: Speak) -> None:
    asked = "a" + "-a" * 30_000 + ", " + ", ".join(["xx"] * 30) + ", de"
    assert '<html lang="en"' in page_in(speak(), asked)


def test_a_name_that_grows_as_it_is_lowered() -> None:
    whole = Markup("İbrahim Çelik folgen")
    heard = '<span class="ip-visually-hidden">İbrahim Çelik </span>Folgen'
    assert html_label(whole, Markup("Folgen")) == heard


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
    assert texts.gettext("Say hi") == "Grüßen"
"""
    subprocess.run([sys.executable, "-c", code, SECRET_KEY], check=True)
