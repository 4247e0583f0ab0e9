"""The search box: by keys, emptied again, and without JavaScript."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from . import story
from .conftest import Open

pytestmark = pytest.mark.browser
HTMX_2 = Path(__file__).parents[1] / "vendor/htmx-2.0.11/htmx.min.js"
WITHOUT_STYLES = """document.head.insertAdjacentHTML("beforeend",
    `<meta name="htmx-config" content='{"includeIndicatorStyles": false}'>`);"""
BOTH = pytest.mark.parametrize("page", ["htmx 4", "htmx 2"], indirect=True)


@pytest.fixture
def page(request: pytest.FixtureRequest, northwind: str, open_page: Open) -> Page:
    """Signed in, on the first page; with our htmx, or that which a host may have."""
    page = open_page(northwind)
    if getattr(request, "param", "") == "htmx 2":
        # Ours is loaded late, where htmx 2 has to be told of the page.
        script = WITHOUT_STYLES + HTMX_2.read_text() + ";htmx.process(document.body);"
        page.route(
            "**/htmx.min.js*", lambda r: r.fulfill(body=script, content_type="text/javascript")
        )
    story.sign_in(page, "emily", "tide-clock")
    return page


def box_of(page: Page) -> Locator:
    return page.get_by_label("Search people")


def names(page: Page) -> Locator:
    return page.locator(".ip-people a.ip-name")


def search_for(page: Page, words: str, said: str) -> None:
    box_of(page).fill(words)
    expect(page.get_by_role("status").filter(has_text=said)).to_be_visible()


def test_slash_goes_to_the_box(page: Page) -> None:
    page.keyboard.press("/")
    expect(box_of(page)).to_be_focused()
    page.keyboard.type("a/b")
    expect(box_of(page)).to_have_value("a/b")


def test_slash_with_a_modifier_is_the_browsers(page: Page) -> None:
    page.keyboard.press("Control+/")
    expect(box_of(page)).not_to_be_focused()


def test_arrows_go_through_the_results_and_back(page: Page) -> None:
    search_for(page, "calibration", "8 people")
    page.keyboard.press("ArrowDown")
    expect(names(page).nth(0)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(names(page).nth(1)).to_be_focused()
    for _ in range(10):
        page.keyboard.press("ArrowDown")
    expect(names(page).nth(7)).to_be_focused()
    for _ in range(7):
        page.keyboard.press("ArrowUp")
    expect(names(page).nth(0)).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(box_of(page)).to_be_focused()
    expect(box_of(page)).to_have_value("calibration")


def test_enter_opens_the_first(page: Page) -> None:
    search_for(page, "kenji", "One person")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/people/@kenji$"))


def test_enter_before_the_results_are_there_searches(page: Page) -> None:
    search_for(page, "dana", "One person")
    # Nothing of it is ever shown.
    page.route("**/search?q=kenji", lambda route: None, times=1)
    with page.expect_request("**/search?q=kenji"):
        box_of(page).fill("kenji")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/people/search\?q=kenji$"))
    expect(page.locator(".ip-person-card[data-person=kenji]")).to_be_visible()


def test_enter_opens_nobody_whose_name_is_only_near(page: Page) -> None:
    search_for(page, "whitfeild", "Nobody found")
    expect(page.get_by_role("heading", name="The nearest names")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/people/search\?q=whitfeild$"))
    expect(page.get_by_role("link", name="Dana Whitfield")).to_be_visible()


@BOTH
@pytest.mark.parametrize("how", ["Escape", "Escape in the results", "by hand"])
def test_emptied_it_is_home_again(northwind: str, page: Page, how: str) -> None:
    home = page.url
    strip = page.get_by_role("heading", name="New here")
    expect(strip).to_be_visible()
    page.get_by_role("link", name="More people").click()
    expect(page.locator(".ip-row")).to_have_count(40)
    search_for(page, "whitfeild", "Nobody found")
    search_for(page, "calibration", "8 people")
    expect(page).to_have_url(re.compile(r"/people/search\?q=calibration$"))
    if how == "by hand":
        box_of(page).fill("")
    elif how == "Escape":
        page.keyboard.press("Escape")
    else:
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Escape")
    expect(strip).to_be_visible()
    expect(page).to_have_url(home)
    expect(box_of(page)).to_be_focused()
    expect(box_of(page)).to_have_value("")
    expect(page.locator("#ip-found")).to_be_empty()
    expect(page.locator(".ip-row")).to_have_count(40)
    # What came back works.
    page.get_by_role("link", name="More people").click()
    expect(page.locator(".ip-row")).to_have_count(60)
    search_for(page, "calibration", "8 people")


@BOTH
def test_a_page_that_began_with_results_leads_home(northwind: str, page: Page) -> None:
    page.goto(f"{northwind}/people/search?q=dana")
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("status").filter(has_text="One person")).to_be_visible()
    box_of(page).press("Escape")
    expect(page.get_by_role("heading", name="New here")).to_be_visible()
    expect(page).to_have_url(f"{northwind}/people/")
    page.get_by_role("link", name="More people").click()
    expect(page.locator(".ip-row")).to_have_count(40)
    search_for(page, "kenji", "One person")
    box_of(page).press("Escape")
    expect(page.locator(".ip-row")).to_have_count(40)


@BOTH
def test_who_is_followed_meanwhile_is_so_at_home(page: Page) -> None:
    expect(page.get_by_role("heading", name="New here")).to_be_visible()
    search_for(page, "abrams", "One person")
    page.get_by_role("button", name="Follow Noah Abrams", exact=True).click()
    expect(page.get_by_role("button", name="Unfollow Noah Abrams")).to_be_visible()
    box_of(page).press("Escape")
    expect(page.get_by_role("heading", name="People you follow")).to_be_visible()
    page.get_by_role("button", name="Unfollow Noah Abrams").click()
    expect(page.get_by_role("button", name="Follow Noah Abrams", exact=True)).to_be_visible()


def test_the_cross_empties_the_box(page: Page) -> None:
    search_for(page, "calibration", "8 people")
    place = box_of(page).bounding_box()
    assert place
    page.mouse.click(place["x"] + place["width"] - 30, place["y"] + place["height"] / 2)
    expect(box_of(page)).to_have_value("")
    expect(page.get_by_role("heading", name="New here")).to_be_visible()


def test_the_whole_row_is_the_link(page: Page) -> None:
    row = page.locator(".ip-people .ip-row").first
    box = row.bounding_box()
    assert box
    assert box["height"] >= 44
    handle = row.get_attribute("data-person")
    follow = row.get_by_role("button")
    follow.click()
    expect(row.get_by_role("button", name="Unfollow")).to_be_focused()
    row.get_by_role("button").click()
    row.locator(".ip-face").click(force=True)
    expect(page).to_have_url(re.compile(f"/people/@{handle}$"))


def test_the_button_is_for_ear_and_keys(page: Page) -> None:
    button = page.get_by_role("button", name="Search")
    expect(button).to_have_count(1)
    assert button.evaluate("e => e.offsetWidth") == 1
    box_of(page).focus()
    page.keyboard.press("Tab")
    expect(button).to_be_focused()
    assert button.evaluate("e => e.offsetWidth") > 44


def test_without_javascript(northwind: str, open_page: Open) -> None:
    page = open_page(northwind, javascript=False, width=360)
    story.sign_in(page, "emily", "tide-clock")
    button = page.get_by_role("button", name="Search")
    box = button.bounding_box()
    assert box
    assert box["width"] > 44
    box_of(page).fill("calibration")
    button.click()
    expect(page.get_by_text("8 people")).to_be_visible()
    expect(page.get_by_text("Team: Calibration").first).to_be_visible()
    page.locator(".ip-row[data-person=emily] .ip-face").click(force=True)
    expect(page).to_have_url(f"{northwind}/people/@emily")
