"""A host with a strict policy, checked forms and two languages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import expect

from ..browser.conftest import Open
from ..servers.web import serve
from .conftest import MakeHost, apart
from .known import HOSTS, hidden

CUSTOMS = next(h for h in HOSTS if h.name == "strict")
PAGES = ("/people/", "/people/@priya", "/people/meetings", "/people/hellos", "/people/nowhere")


@pytest.fixture
def customs(move_in: MakeHost) -> Flask:
    return move_in(CUSTOMS)


@pytest.fixture(params=["'strict-dynamic'", ""], ids=["strict-dynamic", "nonce alone"])
def site(request: pytest.FixtureRequest, move_in: MakeHost) -> Iterator[str]:
    """Its address, by what its scripts may load others."""
    with serve(move_in(CUSTOMS, SCRIPTS=request.param)) as url:
        yield url


@pytest.mark.browser
def test_no_page_goes_against_the_policy(site: str, open_page: Open) -> None:
    """Any violation is an error in the console, which `open_page` does not forgive."""
    page = open_page(site)
    CUSTOMS.log_in(page, site, "tomas")
    assert page.evaluate("window.stamped")
    for path in ("/", *PAGES[:-1]):
        answer = page.goto(site + path)
        assert answer
        assert "script-src 'self'" not in answer.headers["content-security-policy"]
        page.wait_for_function("window.htmx")
        assert page.evaluate("htmx.version").startswith("4.")
    page.get_by_role("link", name="My profile").click()
    expect(page.get_by_role("heading", name="Tomás Ferreira")).to_be_visible()


def test_the_policy_of_the_host_is_the_only_one(customs: Flask) -> None:
    client = customs.test_client()
    CUSTOMS.enter(client, "tomas")
    for path in PAGES:
        answer = client.get(path)
        (policy,) = answer.headers.getlist("Content-Security-Policy")
        nonce = policy.partition("'nonce-")[2].partition("'")[0]
        assert len(nonce) == 32
        scripts = answer.text.count("<script")
        assert scripts == answer.text.count(f'nonce="{nonce}"') - 1, "and the style sheet"
    for path in ("/people/static/people.js", "/people/@dana/photo"):
        with client.get(path) as file:
            assert len(file.headers.getlist("X-Frame-Options")) == 1


@pytest.mark.parametrize("path", ["/people/@dana/follow", f"/people/meetings/{'0' * 32}/hi/dana"])
def test_each_form_is_checked_once_by_the_host(customs: Flask, path: str) -> None:
    """By its field's name, and as long as it says; its own page for its own forms."""
    client = customs.test_client()
    CUSTOMS.enter(client, "tomas")
    refused = client.post(path)
    assert refused.status_code == 403
    assert "Once more, please" in refused.text
    theirs = client.post("/logout")
    assert theirs.status_code == 400
    assert "This form has no stamp" in theirs.text
    form = hidden(client.get("/").text)
    assert list(form) == ["stamp"]
    assert client.post(path, data=form).status_code in (303, 409)


def test_the_language_of_the_host_is_its_own(customs: Flask) -> None:
    """Its gettext, its number formats, and after our pages as before."""
    client = customs.test_client()
    CUSTOMS.enter(client, "tomas")
    assert "1,234.5" in client.get("/news").text
    client.get("/language/de")
    before = client.get("/news").text
    assert "Nothing to declare, 1.234,5" in before
    for path in PAGES:
        page = client.get(path)
        assert page.status_code in (200, 404)
        assert 'class="ip-page" lang="de" dir="ltr"' in page.text
        assert ">Termine</span>" in page.text
    after = client.get("/news").text
    assert "Nothing to declare, 1.234,5" in after


def test_gettext_of_the_host_is_not_ours(customs: Flask, move_in: MakeHost) -> None:
    without = move_in(CUSTOMS, with_people=False)
    for name in ("_", "gettext", "ngettext", "pgettext", "npgettext"):
        ours, theirs = (app.jinja_env.globals[name] for app in (customs, without))
        assert getattr(ours, "__code__", ours) == getattr(theirs, "__code__", theirs)
    for app in (customs, without):
        with app.test_request_context("/"):
            text = app.jinja_env.from_string("{{ _('Follow') }} {{ gettext('People') }}").render()
            assert text == "Follow People"


def test_no_language_is_forced_on_a_request(customs: Flask) -> None:
    def seen() -> list[str]:
        from flask_babel import get_locale

        with customs.test_request_context("/", headers={"Accept-Language": "fr"}):
            before = str(get_locale())
            customs.jinja_env.from_string("{{ people_widget('meetings') }}").render()
            return [before, str(get_locale())]

    assert apart(seen) == ["en", "en"]
