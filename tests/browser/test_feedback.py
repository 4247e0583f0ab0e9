"""A request under way, one that gets no answer, and a session that ended meanwhile."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect

from . import story
from .conftest import PATIENCE, served

pytestmark = pytest.mark.browser
LINE = "See you by the window, at ten"


@pytest.fixture(scope="module")
def northwind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One of its own: who says hi here is not counted elsewhere."""
    with served(tmp_path_factory.mktemp("feedback")) as url:
        yield url


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Not of `open_page`: what fails here is an error in the console."""
    with browser.new_context() as context:
        context.set_default_timeout(PATIENCE)
        yield context


def signed_in(context: BrowserContext, url: str, name: str, path: str = "/people/") -> Page:
    page = context.new_page()
    page.goto(url + "/people/sign-in?next=" + path)
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill("tide-clock")
    page.get_by_role("button", name="Sign in").click()
    page.locator(".ip-top").wait_for()
    page.wait_for_load_state("networkidle")
    return page


def follow_button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=f"Follow {name}", exact=True)


def written(page: Page) -> Locator:
    """A line typed to the first person whom one can greet, and not sent; its form."""
    page.locator(".ip-edit").first.click()
    form = page.locator("form:has(textarea[name=line])").first
    form.locator("textarea").fill(LINE)
    return form


class Held:
    """Requests that are held back until `let_go`, and how many there were."""

    def __init__(self, page: Page, address: str) -> None:
        self.routes: list[Route] = []
        page.route(re.compile(address), lambda route: self.routes.append(route))

    def let_go(self) -> None:
        for route in self.routes:
            route.continue_()


def test_under_way_is_dimmed_and_sent_once(northwind: str, context: BrowserContext) -> None:
    page = signed_in(context, northwind, "eleni")
    held = Held(page, "/follow$")
    button = follow_button(page, "Noah Abrams")
    button.dblclick()
    expect(button).to_be_disabled()
    expect(button).to_have_css("opacity", "0.5")
    button.press("Enter")
    held.let_go()
    expect(page.get_by_role("button", name="Following, unfollow Noah Abrams")).to_be_enabled()
    assert len(held.routes) == 1


def test_no_connection(northwind: str, context: BrowserContext) -> None:
    """Said in the row where one pressed; what was typed stays, and goes by the same button."""
    page = signed_in(context, northwind, "gabriela", "/people/meetings")
    form = written(page)
    row = page.locator(".ip-greeting", has=page.locator("textarea")).first
    context.set_offline(True)
    form.locator("button").click()
    note = row.get_by_role("alert")
    expect(note).to_contain_text("No connection. Nothing was sent.")
    note.get_by_role("button", name="Try again").click()
    expect(row.get_by_role("alert")).to_have_count(1)
    expect(form.locator("textarea")).to_have_value(LINE)
    context.set_offline(False)
    note.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("Said hi").first).to_be_visible()
    expect(page.get_by_text(LINE).first).to_be_visible()
    expect(page.locator(".ip-failed")).to_have_count(0)
    assert page.evaluate("sessionStorage.length") == 0


@pytest.mark.parametrize("status", [502, 503, 429])
def test_no_answer_of_ours(northwind: str, context: BrowserContext, status: int) -> None:
    """As from a server in front: its page has no place in ours."""
    page = signed_in(context, northwind, "eleni")
    broken = "<h1>Bad gateway</h1>"
    page.route(re.compile("/follow$"), lambda r: r.fulfill(status=status, body=broken))
    follow_button(page, "Zuri Achieng").click()
    expect(page.locator(".ip-row .ip-failed")).to_contain_text("No answer came.")
    expect(page.get_by_text("Bad gateway")).to_have_count(0)
    page.unroute_all()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("button", name="Following, unfollow Zuri Achieng")).to_be_focused()
    page.get_by_role("button", name="Following, unfollow Zuri Achieng").click()
    expect(follow_button(page, "Zuri Achieng")).to_be_visible()


def test_the_badge_says_nothing(northwind: str, context: BrowserContext) -> None:
    page = signed_in(context, northwind, "eleni")
    context.set_offline(True)
    page.evaluate("htmx.trigger('#ip-badge', 'ip-wake')")
    page.wait_for_timeout(300)
    expect(page.locator(".ip-failed")).to_have_count(0)


def test_no_place_is_known(northwind: str, context: BrowserContext) -> None:
    page = signed_in(context, northwind, "eleni")
    page.evaluate(
        """() => {
            const button = document.querySelector(".ip-row .ip-button");
            button.setAttribute("hx-target", "#ip-people");
            document.querySelector(".ip-page").append(button);
        }"""
    )
    context.set_offline(True)
    page.locator(".ip-page > button").click()
    bar = page.locator("body > .ip-bar")
    expect(bar).to_be_in_viewport()
    expect(bar).to_have_css("position", "fixed")


def test_a_form_from_an_earlier_sign_in(northwind: str, context: BrowserContext) -> None:
    page = signed_in(context, northwind, "gabriela", "/people/meetings")
    form = written(page)
    page.locator("input[name=csrf_token]").evaluate_all("all => all.forEach(e => e.value = 'old')")
    form.locator("button").click()
    note = page.locator(".ip-greeting .ip-failed")
    expect(note).to_contain_text("Nothing was sent")
    note.get_by_role("link", name="Reload the page").click()
    expect(page.locator("textarea[name=line]").first).to_have_value(LINE)


def test_an_ended_session_keeps_the_line(northwind: str, context: BrowserContext) -> None:
    page = signed_in(context, northwind, "rui", "/people/meetings")
    form = written(page)
    context.clear_cookies()
    form.locator("button").click()
    expect(page.get_by_text("Sign in again; your line is kept.")).to_be_visible()
    assert LINE.split()[-1] not in page.url
    signs_in_again(page, "rui")
    box = page.locator("textarea[name=line]").first
    expect(box).to_have_value(LINE)
    page.wait_for_load_state("networkidle")
    box.locator("xpath=..").locator("button").click()
    expect(page.get_by_text(LINE).first).to_be_visible()
    page.reload()
    assert page.evaluate("sessionStorage.length") == 0


def signs_in_again(page: Page, name: str) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill("tide-clock")
    page.get_by_role("button", name="Sign in").click()
    page.locator(".ip-top").wait_for()


@pytest.mark.parametrize("way", ["somebody else signs in", "signs out"])
def test_a_kept_line_is_nobody_elses(northwind: str, context: BrowserContext, way: str) -> None:
    page = signed_in(context, northwind, "nour", "/people/meetings")
    form = written(page)
    context.set_offline(True)
    form.locator("button").click()
    expect(page.locator(".ip-failed")).to_be_visible()
    assert page.evaluate("sessionStorage.length") == 1
    context.set_offline(False)
    if way == "signs out":
        story.open_menu(page)
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_text("You are signed out.")).to_be_visible()
        expect(page.get_by_text("your line is kept")).to_be_hidden()
    else:
        context.clear_cookies()
        page.goto(northwind + "/people/sign-in")
        signs_in_again(page, "eleni")
    page.wait_for_load_state("networkidle")
    assert page.evaluate("sessionStorage.length") == 0


def test_a_plain_form_is_sent_once(northwind: str, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(northwind + "/people/sign-in")
    sent: list[str] = []
    page.on("request", lambda r: sent.append(r.url) if r.method == "POST" else None)
    page.get_by_label("Name").fill("eleni")
    page.get_by_label("Password").fill("tide-clock")
    page.get_by_role("button", name="Sign in").dblclick()
    page.locator(".ip-top").wait_for()
    assert len(sent) == 1


def test_search_without_a_connection(northwind: str, context: BrowserContext) -> None:
    page = signed_in(context, northwind, "eleni")
    context.set_offline(True)
    box = page.get_by_label("Search people")
    box.fill("dan")
    note = page.locator(".ip-search .ip-failed")
    expect(note).to_have_text("No connection.")
    context.set_offline(False)
    box.fill("dana")
    expect(page.get_by_text("One person")).to_be_visible()
    expect(note).to_have_count(0)
