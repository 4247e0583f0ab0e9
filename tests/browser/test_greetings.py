"""A hi in a browser: in one tap, edited, undone, answered, and what others do meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect

from intranet_people.db.session import db_session
from intranet_people.demo import create_app, run
from intranet_people.demo.hellos import say_hellos

from ..conftest import close
from ..servers.web import serve
from . import story
from .conftest import Open, prepared

pytestmark = pytest.mark.browser
WITH_AND_WITHOUT = pytest.mark.parametrize("javascript", [True, False], ids=["js", "no-js"])


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Flask]:
    """The demo as it opens, for one test alone."""
    run.prepare_calendars(tmp_path)
    app = prepared(create_app(tmp_path))
    with app.app_context():
        say_hellos(db_session(), datetime.now(UTC))
    yield app
    close(app)


@pytest.fixture
def site(demo: Flask) -> Iterator[str]:
    with serve(demo) as url:
        yield url


def row(page: Page, handle: str) -> Locator:
    return page.locator(f".ip-greeting[data-person={handle}]")


def line_of(page: Page, handle: str) -> str:
    return row(page, handle).locator(".ip-ready q").inner_text()


@WITH_AND_WITHOUT
@pytest.mark.parametrize("width", [360, 1280])
def test_one_tap_from_home(site: str, open_page: Open, javascript: bool, width: int) -> None:
    page = open_page(site, width=width, javascript=javascript)
    story.sign_in(page, "nour", "tide-clock")
    expect(page.get_by_role("heading", name="Nour, you meet")).to_be_visible()
    expect(page.get_by_role("heading", name="Quarterly planning")).to_be_visible()
    line = line_of(page, "kenji")
    page.get_by_role("button", name="Say hi to 佐藤 健二 Kenji Sato").click()
    expect(row(page, "kenji")).to_have_attribute("data-state", "said")
    expect(row(page, "kenji").locator(".ip-mine")).to_have_text(line)
    expect(row(page, "kenji")).to_be_in_viewport()
    page.get_by_role("button", name="Undo hi to 佐藤 健二 Kenji Sato").click()
    expect(row(page, "kenji")).to_have_attribute("data-state", "ready")
    assert line_of(page, "kenji") == line


@WITH_AND_WITHOUT
def test_edit_send_and_undo_with_my_words(site: str, open_page: Open, javascript: bool) -> None:
    page = open_page(site, javascript=javascript)
    story.sign_in(page, "tomas", "tide-clock")
    story.say_hi(page, "Dana Whitfield", "I loved your talk")
    page.get_by_role("button", name="Undo hi to Dana Whitfield").click()
    expect(row(page, "dana").locator(".ip-ready q")).to_have_text("I loved your talk")


def test_keys_of_a_line(site: str, open_page: Open) -> None:
    page = open_page(site)
    story.sign_in(page, "tomas", "tide-clock")
    edit = page.get_by_role("link", name="Edit the line to Dana Whitfield")
    edit.focus()
    page.keyboard.press("Enter")
    box = page.get_by_label("Your line to Dana Whitfield")
    expect(box).to_be_focused()
    page.keyboard.press("Escape")
    expect(box).to_have_count(0)
    edit.click()
    box.fill("By keys alone")
    page.keyboard.press("Control+Enter")
    expect(row(page, "dana").locator(".ip-mine")).to_have_text("By keys alone")


def test_of_untouched_lines_one_is_open(site: str, open_page: Open) -> None:
    page = open_page(site)
    story.sign_in(page, "tomas", "tide-clock")
    for name in ("Dana Whitfield", "Priya Raman"):
        page.get_by_role("link", name=f"Edit the line to {name}").click()
        expect(page.get_by_label(f"Your line to {name}")).to_be_focused()
        expect(page.locator(".ip-line")).to_have_count(1)
    page.get_by_label("Your line to Priya Raman").fill("Half written")
    page.get_by_role("link", name="Edit the line to Dana Whitfield").click()
    expect(page.get_by_label("Your line to Dana Whitfield")).to_be_focused()
    expect(page.get_by_label("Your line to Priya Raman")).to_have_value("Half written")


def wake(page: Page) -> None:
    """As when somebody comes back to the page, or after a minute."""
    page.evaluate("htmx.trigger('#ip-badge', 'ip-wake')")


def test_news_arrives_in_place(site: str, open_page: Open) -> None:
    """An answer and a new hello are shown without a reload, but never where a line is open."""
    tomas, dana, priya = (open_page(site) for _ in range(3))
    for page, name in ((tomas, "tomas"), (dana, "dana"), (priya, "priya")):
        story.sign_in(page, name, "tide-clock")
        page.get_by_role("link", name="Meetings", exact=True).click()
        page.wait_for_load_state("networkidle")
    tomas.get_by_role("button", name="Say hi to Dana Whitfield").click()
    expect(row(tomas, "dana")).to_have_attribute("data-state", "said")
    wake(dana)
    expect(row(dana, "tomas")).to_have_attribute("data-state", "received")
    row(dana, "tomas").get_by_role("button", name="Hi back").click()
    expect(row(dana, "tomas")).to_have_attribute("data-state", "replied")
    tomas.get_by_role("link", name="Edit the line to Priya Raman").click()
    tomas.get_by_label("Your line to Priya Raman").fill("Half written")
    priya.get_by_role("button", name="Say hi to Tomás Ferreira").click()
    expect(row(priya, "tomas")).to_have_attribute("data-state", "said")
    wake(tomas)
    expect(row(tomas, "dana")).to_have_attribute("data-state", "answered")
    expect(tomas.get_by_label("Your line to Priya Raman")).to_have_value("Half written")


def test_news_on_the_first_page(site: str, open_page: Open) -> None:
    """What arrives stands above everything, and nobody is on the page twice."""
    dana, priya = (open_page(site) for _ in range(2))
    story.sign_in(priya, "priya", "tide-clock")
    story.sign_in(dana, "dana", "tide-clock")
    dana.get_by_role("button", name="Say hi to Priya Raman").click()
    expect(row(dana, "priya")).to_have_attribute("data-state", "said")
    wake(priya)
    news = priya.locator("#ip-news")
    expect(news.get_by_role("link", name="Dana Whitfield", exact=True)).to_be_visible()
    expect(row(priya, "dana")).to_have_count(1)
    news.get_by_role("button", name="Hi back").click()
    expect(row(priya, "dana")).to_have_attribute("data-state", "replied")


@WITH_AND_WITHOUT
def test_a_leader_answers_all(site: str, open_page: Open, javascript: bool) -> None:
    page = open_page(site, width=360, javascript=javascript)
    story.sign_in(page, "amina", "tide-clock")
    expect(page.get_by_text("14 people said hi to you")).to_be_visible()
    page.get_by_role("link", name="Read all 14").click()
    page.wait_for_load_state("networkidle")
    page.get_by_label("Your answer to all").fill("See you all there")
    page.get_by_role("button", name="Answer all 14").click()
    expect(page.get_by_role("button", name="Answer all 14")).to_have_count(0)
    expect(page.get_by_role("link", name="Hellos", exact=True)).to_be_visible()
    expect(page.get_by_text("14 answered")).to_be_visible()


def test_a_week_is_short(site: str, open_page: Open) -> None:
    """Under 2,500 px on a phone and 70 stops of the tab key, where it was 8,334 and 168."""
    for name in ("nour", "amina", "tomas"):
        page = open_page(site, width=360)
        story.sign_in(page, name, "tide-clock")
        page.get_by_role("link", name="Meetings", exact=True).click()
        expect(page.locator(".ip-day").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollHeight") < 2500, name
        stops = "a[href], button, summary, input:not([type=hidden]), textarea"
        assert page.locator(stops).count() < 70, name


def test_nothing_moves_while_the_page_loads(site: str, open_page: Open) -> None:
    page = open_page(site, width=360)
    story.sign_in(page, "nour", "tide-clock")
    shift = """() => new Promise(done => {
        let sum = 0;
        new PerformanceObserver(list => list.getEntries().forEach(e => sum += e.value))
            .observe({type: "layout-shift", buffered: true});
        requestAnimationFrame(() => requestAnimationFrame(() => done(sum)));
    })"""
    for path in ("/people/", "/people/meetings", "/people/hellos", "/people/@dana"):
        page.goto(site + path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate(shift) == 0, path
