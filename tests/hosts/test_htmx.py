"""A host with htmx 2 and a rude style sheet: both keep their ways, and ours work within."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, Route, expect
from sqlalchemy.orm import Session

from intranet_people.clock import now
from intranet_people.jobs.lease import Lease
from intranet_people.sync.history import SyncRun

from ..browser import story
from ..browser.conftest import PATIENCE, Open
from ..servers.web import serve
from .conftest import MakeHost, apart
from .known import HOSTS

pytestmark = pytest.mark.browser
COUNCIL = next(h for h in HOSTS if h.name == "bootstrap")


@pytest.fixture
def council(move_in: MakeHost) -> Flask:
    return move_in(COUNCIL, PEOPLE_OPERATORS=["tomas"])


@pytest.fixture
def site(council: Flask) -> Iterator[str]:
    with serve(council) as url:
        yield url


@pytest.fixture
def tomas(site: str, open_page: Open) -> Page:
    page = open_page(site)
    page.add_init_script("window.came = Math.random(); window.heard = [];")
    COUNCIL.log_in(page, site, "tomas")
    return page


def test_the_hosts_htmx_is_the_only_one(site: str, tomas: Page) -> None:
    asked: list[str] = []
    tomas.on("request", lambda r: asked.append(r.url))
    for path in ("/", "/people/", "/people/meetings"):
        tomas.goto(site + path)
        assert tomas.evaluate("htmx.version") == "2.0.11"
        config = tomas.evaluate("[htmx.config.defaultSwapStyle, htmx.config.allowEval]")
        assert config == ["outerHTML", False]
    assert [url for url in asked if "htmx-4" in url] == []
    assert [url for url in asked if url.endswith("/htmx.js")]


def test_what_the_host_does_by_htmx_goes_on(site: str, tomas: Page) -> None:
    """Boosted links, and a form of its own; its listeners hear what they heard."""
    came = tomas.evaluate("came")
    for event in ("htmx:beforeRequest", "htmx:afterSwap"):
        tomas.evaluate("e => document.addEventListener(e, () => heard.push(e))", event)
    tomas.get_by_role("button", name="Vote").click()
    expect(tomas.get_by_role("button", name="Voted")).to_be_visible()
    assert tomas.evaluate("heard") == ["htmx:beforeRequest", "htmx:afterSwap"]
    tomas.get_by_role("link", name="News").click()
    expect(tomas.get_by_role("heading", name="News of the council")).to_be_visible()
    assert tomas.url == site + "/news"
    tomas.get_by_role("link", name="Council").click()
    expect(tomas.get_by_role("heading", name="Council of tomas")).to_be_visible()
    # Our widgets came with the swap, and work.
    story.follow(tomas, "Priya Raman")
    expect(tomas.get_by_role("link", name="News")).to_be_visible()
    assert tomas.evaluate("came") == came, "and the page was never loaded anew"
    assert tomas.url == site + "/"


def test_what_the_host_says_of_its_links_is_not_for_ours(site: str, tomas: Page) -> None:
    """Its body selects #main of every answer, which no fragment of ours has."""
    tomas.goto(site + "/people/")
    came = tomas.evaluate("came")
    story.find(tomas, "dana", "Dana Whitfield", javascript=True)
    assert tomas.url.endswith("/people/search?q=dana")
    story.follow(tomas, "Dana Whitfield")
    tomas.get_by_label("Search people").fill("")
    more = tomas.get_by_role("link", name="More people")
    rows = tomas.locator(".ip-row")
    expect(rows).to_have_count(20)
    more.click()
    expect(rows).to_have_count(40)
    with tomas.expect_response("**/hellos/badge*"):
        tomas.evaluate("htmx.trigger('#ip-badge', 'ip-wake')")
    expect(tomas.locator("#ip-badge")).to_have_count(1)
    assert tomas.evaluate("came") == came
    tomas.get_by_role("link", name="Meetings", exact=True).click()
    expect(tomas.locator(".ip-meetings")).to_be_visible()
    assert tomas.url == site + "/people/meetings"


def test_the_page_that_asks_again(council: Flask, site: str, tomas: Page) -> None:
    apart(_begin_a_run, council)
    tomas.goto(site + "/people/status")
    expect(tomas.get_by_text("A run has been reading since")).to_be_visible()
    with tomas.expect_response("**/people/status"):
        tomas.evaluate("htmx.trigger('#ip-sync', 'ip-wake')")
    expect(tomas.get_by_text("A run has been reading since")).to_be_visible()
    expect(tomas.get_by_role("link", name="News")).to_be_visible()


def _begin_a_run(app: Flask) -> None:
    with app.app_context(), Session(app.extensions["sqlalchemy"].engine) as session:
        began = now() - timedelta(seconds=5)
        session.add(SyncRun(kind="full", started_at=began, status="running", counts={}))
        session.add(Lease(name="sync", expires_at=now() + timedelta(minutes=5)))
        session.commit()


@pytest.mark.parametrize("width", [360, 1280])
def test_a_rude_style_sheet(site: str, open_page: Open, width: int) -> None:
    page = open_page(site, width=width)
    COUNCIL.log_in(page, site, "tomas")
    for path in ("/", "/people/", "/people/@kenji", "/people/meetings", "/people/status"):
        page.goto(site + path)
        assert [p for p in story.problems(page) if "ip-" in p] == []
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), path
    page.goto(site + "/people/meetings")
    button = page.get_by_role("button", name="Say hi to").first
    assert 44 <= button.evaluate("e => e.offsetHeight") <= 48, "with the host's border"
    look = "e => [getComputedStyle(e).borderRadius, e.offsetWidth, e.offsetHeight]"
    assert page.locator(".ip-face-48").first.evaluate(look) == ["999px", 48, 48]
    marker = "e => getComputedStyle(e).listStyleType + getComputedStyle(e).paddingLeft"
    assert page.locator("ul.ip-list").first.evaluate(marker) == "none0px"
    page.goto(site + "/")
    own = page.get_by_role("button", name="Vote").evaluate("e => getComputedStyle(e).padding")
    assert own == "6px 12px"


@pytest.fixture
def loud(site: str, browser: Browser) -> Iterator[Page]:
    """A page of tomas that may say errors in its console."""
    with browser.new_context() as context:
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        COUNCIL.log_in(page, site, "tomas")
        page.goto(site + "/people/")
        page.wait_for_load_state("networkidle")
        yield page


def test_a_double_tap_is_sent_once(loud: Page) -> None:
    held: list[Route] = []
    loud.route(re.compile("/follow$"), lambda route: held.append(route))
    button = loud.get_by_role("button", name="Follow Noah Abrams", exact=True)
    button.dblclick()
    expect(button).to_be_disabled()
    for route in held:
        route.continue_()
    expect(loud.get_by_role("button", name="Following, unfollow Noah Abrams")).to_be_enabled()
    assert len(held) == 1


def test_no_connection_is_said_in_the_row(loud: Page) -> None:
    loud.context.set_offline(True)
    loud.get_by_role("button", name="Follow Noah Abrams", exact=True).click()
    note = loud.locator(".ip-row .ip-failed")
    expect(note).to_contain_text("No connection. Nothing was sent.")
    loud.context.set_offline(False)
    note.get_by_role("button", name="Try again").click()
    expect(loud.get_by_role("button", name="Following, unfollow Noah Abrams")).to_be_visible()
    expect(note).to_have_count(0)


@pytest.mark.parametrize(("status", "is_shown"), [(409, True), (502, False)])
def test_a_refusal_is_shown_as_by_htmx_4(loud: Page, status: int, is_shown: bool) -> None:
    """htmx 2 alone would show no answer that is an error."""
    body = '<div class="ip-follow">Not this time</div>'
    loud.route(re.compile("/follow$"), lambda r: r.fulfill(status=status, body=body))
    loud.get_by_role("button", name="Follow Noah Abrams", exact=True).click()
    refused = loud.get_by_text("Not this time")
    failed = loud.locator(".ip-row .ip-failed")
    expect(refused if is_shown else failed).to_be_visible()
    expect(failed if is_shown else refused).to_have_count(0)


def test_an_ended_session_keeps_the_line(site: str, loud: Page) -> None:
    loud.goto(site + "/people/meetings")
    loud.wait_for_load_state("networkidle")
    loud.locator(".ip-edit").first.click()
    form = loud.locator("form:has(textarea[name=line])").first
    form.locator("textarea").fill("See you by the window")
    cookies = loud.context.cookies()
    loud.context.clear_cookies()
    with loud.expect_navigation():
        form.locator("button").click()
    loud.context.add_cookies(cookies)  # type: ignore[arg-type]
    loud.goto(site + "/people/meetings")
    expect(loud.locator("textarea[name=line]").first).to_have_value("See you by the window")
