"""The line on top: stand-alone and in a host, with and without JavaScript."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from . import story
from .conftest import Open

pytestmark = pytest.mark.browser
WITH_AND_WITHOUT = pytest.mark.parametrize("javascript", [True, False], ids=["js", "no-js"])
TABS = ["People", "Meetings", "Following", "Hellos"]


def signs_in(page: Page, name: str = "tomas") -> None:
    page.locator("[name=name]").fill(name)
    page.locator("[name=password]").fill("tide-clock")
    page.locator("form button").click()
    page.locator(".ip-top").wait_for()


def box(page: Page, selector: str) -> dict[str, float]:
    found = page.locator(selector).bounding_box()
    assert found, selector
    return {side: found[side] for side in ("x", "y", "width", "height")}


@WITH_AND_WITHOUT
def test_my_menu(northwind: str, open_page: Open, javascript: bool) -> None:
    page = open_page(northwind, width=360, javascript=javascript)
    signs_in(page)
    profile = page.get_by_role("link", name="My profile")
    expect(profile).to_be_hidden()
    story.open_menu(page)
    expect(page.get_by_role("link", name="Operations")).to_be_visible()
    profile.click()
    expect(page.get_by_role("heading", name="Tomás Ferreira")).to_be_visible()
    story.open_menu(page)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()


def test_the_menu_closes(northwind: str, open_page: Open) -> None:
    page = open_page(northwind)
    signs_in(page)
    page.wait_for_load_state("networkidle")
    profile = page.get_by_role("link", name="My profile")
    story.open_menu(page)
    profile.focus()
    page.keyboard.press("Escape")
    expect(profile).to_be_hidden()
    expect(page.locator(".ip-menu summary")).to_be_focused()
    story.open_menu(page)
    page.mouse.click(20, 300)
    expect(profile).to_be_hidden()
    story.open_menu(page)
    page.get_by_label("Search people").focus()
    expect(profile).to_be_hidden()


@pytest.mark.parametrize("locale", ["en", "de"])
def test_one_row_and_tabs_below_on_a_phone(northwind: str, open_page: Open, locale: str) -> None:
    page = open_page(northwind, width=360)
    page.set_extra_http_headers({"Accept-Language": locale})
    page.reload()
    signs_in(page)
    top, company, face = (box(page, s) for s in (".ip-top", ".ip-company", ".ip-me"))
    assert top["height"] <= 60
    assert company["x"] < 20
    assert face["x"] + face["width"] > 340
    bar = box(page, ".ip-tabs")
    assert (bar["y"] + bar["height"], bar["width"]) == (900, 360)
    assert 56 <= bar["height"] <= 58
    widths = page.locator(".ip-tab").evaluate_all("all => all.map(e => e.offsetWidth)")
    assert max(widths) - min(widths) <= 2
    # Nothing hides beneath it.
    page.keyboard.press("End")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    last = page.locator(".ip-page a, .ip-page button").last
    found = last.bounding_box()
    assert found
    assert found["y"] + found["height"] < bar["y"]
    page.set_viewport_size({"width": 768, "height": 900})
    assert box(page, ".ip-tabs")["y"] < 20


def test_the_skip_link_skips_the_header(northwind: str, open_page: Open) -> None:
    page = open_page(northwind)
    signs_in(page)
    assert page.get_by_role("banner").locator(".ip-tab").count() == len(TABS)
    assert page.get_by_role("main").locator(".ip-tab").count() == 0
    page.goto(northwind + "/people/@dana")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#ip-main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#ip-main') !== null")


def test_the_current_tab(northwind: str, open_page: Open) -> None:
    """Marked by a bar, and no tab moves when another is current."""
    page = open_page(northwind)
    signs_in(page)
    places = set()
    current = {
        "/people/": "People",
        "/people/search?q=a": "People",
        "/people/@dana": "People",
        "/people/@dana/card": "People",
        "/people/meetings": "Meetings",
        "/people/following": "Following",
        "/people/hellos": "Hellos",
    }
    for path, name in current.items():
        page.goto(northwind + path)
        expect(page.locator(".ip-tab[aria-current]")).to_contain_text(name)
        bars = page.locator(".ip-tab").evaluate_all(
            "all => all.map(e => getComputedStyle(e, '::before').borderTopWidth)"
        )
        assert [n for n, bar in zip(TABS, bars, strict=True) if bar == "3px"] == [name]
        places.add(str(page.locator(".ip-tab").evaluate_all("all => all.map(e => e.offsetLeft)")))
    assert len(places) == 1


def test_forced_colours(northwind: str, open_page: Open) -> None:
    page = open_page(northwind)
    page.emulate_media(forced_colors="active")
    signs_in(page)
    lines = """e => [getComputedStyle(e), getComputedStyle(e, '::before')].map(s =>
        s.borderBottomWidth !== '0px' || s.borderTopWidth !== '0px').includes(true)"""
    tabs = page.locator(".ip-tab").all()
    assert [tab.evaluate(lines) for tab in tabs] == [True, False, False, False]
    for selector in (".ip-initials", ".ip-row .ip-button"):
        border = page.locator(selector).first.evaluate("e => getComputedStyle(e).borderTopStyle")
        assert border == "solid", selector


@pytest.mark.parametrize("path", ["/people/", "/people/meetings", "/people/@dana"])
def test_on_paper(northwind: str, open_page: Open, path: str) -> None:
    page = open_page(northwind, theme="dark")
    signs_in(page, "nour")
    page.goto(northwind + path)
    page.emulate_media(media="print")
    for selector in ("header.ip-top", "nav", "form", "button", ".ip-skip"):
        shown = page.locator(selector).evaluate_all("all => all.some(e => e.checkVisibility())")
        assert not shown, selector
    assert page.locator(".ip-page .ip-face").first.is_visible()
    assert page.locator(".ip-name, h1").first.is_visible()
    ink = page.locator(".ip-page").evaluate("e => getComputedStyle(e).color")
    assert ink == "rgb(34, 29, 24)"


def test_text_alone_at_200_percent_breaks_no_word(northwind: str, open_page: Open) -> None:
    page = open_page(northwind, width=360)
    signs_in(page)
    for path in ("/people/", "/people/meetings", "/people/@dana", "/people/status"):
        page.goto(northwind + path)
        page.evaluate("document.documentElement.style.setProperty('font-size', '200%')")
        assert page.locator(".ip-page").evaluate("e => getComputedStyle(e).overflowWrap") == (
            "break-word"
        )
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), path
