"""Every page in every width and theme: nothing sticks out, axe finds nothing, keys suffice."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from . import story
from .conftest import Open

pytestmark = pytest.mark.browser
PAGES = {
    "people": "/people/",
    "search": "/people/search?q=a",
    "nobody found": "/people/search?q=nobody-at-all",
    "profile": "/people/@kenji",
    "profile without photo": "/people/@nour",
    "long name": "/people/@malex",
    "card": "/people/@kenji/card",
    "meetings": "/people/meetings",
    "hellos": "/people/hellos",
    "following": "/people/following",
}


def sticks_out(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1280])
def test_every_page(northwind: str, open_page: Open, width: int, theme: str) -> None:
    page = open_page(northwind, width=width, theme=theme)
    wrong = [f"sign in: {p}" for p in story.problems(page)]
    story.sign_in(page, "kenji", "tide-clock")
    for name, path in PAGES.items():
        page.goto(northwind + path)
        wrong += [f"{name}: {p}" for p in story.problems(page)]
        wrong += [f"{name} sticks out"] if sticks_out(page) else []
    assert wrong == []


def test_zoomed_to_200_percent(northwind: str, open_page: Open) -> None:
    """As in a window of half the width (WCAG 1.4.10), with text twice as large (1.4.4)."""
    page = open_page(northwind, width=640)
    story.sign_in(page, "kenji", "tide-clock")
    for name, path in PAGES.items():
        page.goto(northwind + path)
        page.evaluate("document.documentElement.style.setProperty('font-size', '200%')")
        assert not sticks_out(page), name


def test_keyboard_alone(northwind: str, open_page: Open) -> None:
    page = open_page(northwind)
    expect(page.get_by_label("Name")).to_be_focused()
    page.keyboard.type("grete")
    page.keyboard.press("Tab")
    page.keyboard.type("tide-clock")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Search people")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.get_by_label("Search people").focus()
    page.keyboard.type("kenji")
    button = page.get_by_role("button", name="Follow 佐藤 健二 Kenji Sato", exact=True)
    expect(button).to_be_visible()
    expect(page.locator(".ip-row")).to_have_count(0)
    for _ in range(3):  # the Search button, the name, Follow
        page.keyboard.press("Tab")
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    unfollow = page.get_by_role("button", name="Unfollow 佐藤 健二 Kenji Sato")
    expect(unfollow).to_be_focused()


def test_focus_stays_where_hi_was_said(northwind: str, open_page: Open) -> None:
    page = open_page(northwind)
    story.sign_in(page, "rui", "tide-clock")
    page.get_by_role("link", name="Meetings").click()
    # Until htmx is there the form is sent plainly, which another test shows.
    page.wait_for_load_state("networkidle")
    button = page.get_by_role("button", name="Say hi to 佐藤 健二 Kenji Sato").first
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".ip-said").first).to_be_focused()
    page.get_by_role("button", name="Undo hi to").click()
    expect(page.locator(".ip-said")).to_have_count(0)
    expect(button).to_be_focused()


def test_badge_rests_while_nobody_looks(northwind: str, open_page: Open) -> None:
    page = open_page(northwind)
    story.sign_in(page, "emily", "tide-clock")
    page.wait_for_load_state("networkidle")
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url) if "/badge" in r.url else None)
    look = """hidden => {
        Object.defineProperty(document, "hidden", {value: hidden, configurable: true});
        document.dispatchEvent(new Event("visibilitychange"));
        htmx.trigger("#ip-badge", "ip-wake");
    }"""
    page.evaluate(look, True)
    page.wait_for_timeout(300)
    assert asked == []
    with page.expect_request("**/hellos/badge*"):
        page.evaluate(look, False)
    assert page.locator("#ip-badge").get_attribute("hx-trigger") == "every 60s, ip-wake"


def test_policy_is_strict(northwind: str, open_page: Open) -> None:
    page = open_page(northwind)
    response = page.goto(northwind + "/people/sign-in")
    assert response
    policy = response.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
