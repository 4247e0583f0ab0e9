"""A host with Flask-Babel decides in which language its people see us."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask, render_template_string, request
from flask_babel import Babel, force_locale, get_locale
from sqlalchemy.exc import OperationalError

from intranet_people import IntranetPeople
from intranet_people.widgets.widget import people_widget

from .. import SECRET_KEY
from ..conftest import COMPANY, close

ENGLISH, GERMAN = "Search people", "Leute suchen"


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
    assert '<article class="ip-card ip-person-card" lang="en" dir="ltr"' in home
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
