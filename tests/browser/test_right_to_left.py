"""Pages in Arabic: everything mirrored, nothing sticks out, numbers as they are written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from intranet_people.demo import run
from intranet_people.standalone import create_app

from ..conftest import close
from ..servers.web import serve
from . import story
from .conftest import Open, prepared
from .test_pages import sticks_out

pytestmark = pytest.mark.browser
PAGES = {
    "people": "/people/",
    "meetings": "/people/meetings",
    "profile": "/people/@dana",
    "card": "/people/@dana/card",
    "hellos": "/people/hellos",
    "status": "/people/status",
}


@pytest.fixture(scope="module")
def arabic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Northwind with the texts that tests/data/translations has."""
    folder = tmp_path_factory.mktemp("arabic")
    texts = str(Path(__file__).parents[1] / "data/translations")
    run.prepare_calendars(folder)
    settings = run.config(folder) | {"PEOPLE_TRANSLATIONS": texts, "PEOPLE_LOCALE": "ar"}
    app = prepared(create_app({}, **settings))
    with serve(app) as url:
        yield url
    close(app)


def sign_in(page: Page) -> None:
    page.get_by_label("الاسم").fill("tomas")
    page.get_by_label("كلمة المرور").fill("tide-clock")
    page.get_by_role("button", name="تسجيل الدخول").click()
    expect(page.get_by_label("البحث عن أشخاص")).to_be_visible()
    page.wait_for_load_state("networkidle")


def left(page: Page, selector: str) -> float:
    box = page.locator(selector).first.bounding_box()
    assert box, selector
    return box["x"]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_every_page(arabic: str, open_page: Open, width: int, theme: str) -> None:
    page = open_page(arabic, width=width, theme=theme)
    wrong = [f"sign in: {p}" for p in story.problems(page)]
    sign_in(page)
    for name, path in PAGES.items():
        page.goto(arabic + path)
        assert (
            page.evaluate("getComputedStyle(document.querySelector('.ip-page')).direction") == "rtl"
        )
        assert page.locator("html").get_attribute("lang") == "ar"
        wrong += [f"{name}: {p}" for p in story.problems(page)]
        wrong += [f"{name} sticks out"] if sticks_out(page) else []
    assert wrong == []


@pytest.mark.parametrize("width", [360, 1280])
def test_mirrored(arabic: str, open_page: Open, width: int) -> None:
    """Faces at the right of names, what is done at their left."""
    page = open_page(arabic, width=width)
    sign_in(page)
    assert left(page, ".ip-row .ip-face") > left(page, ".ip-row .ip-name")
    assert left(page, ".ip-row .ip-name") > left(page, ".ip-row .ip-button")
    assert left(page, ".ip-search .ip-magnifier") > left(page, ".ip-search .ip-field")
    page.get_by_role("link", name="الاجتماعات").click()
    assert left(page, ".ip-greeting .ip-face") > left(page, ".ip-greeting .ip-name")
    assert left(page, ".ip-greeting .ip-name") > left(page, ".ip-greeting .ip-button")
    page.goto(arabic + "/people/@dana")
    assert left(page, ".ip-facts dt") > left(page, ".ip-facts dd")
    if width == 1280:
        assert left(page, ".ip-profile-top .ip-face") > left(page, ".ip-profile-top h1")
    # A number stays one: +47, and not 47+.
    phone = page.locator("a[href^='tel:']").first
    assert phone.evaluate("e => getComputedStyle(e).direction") == "ltr"


def test_a_hi_in_arabic(arabic: str, open_page: Open) -> None:
    page = open_page(arabic)
    sign_in(page)
    page.get_by_role("link", name="الاجتماعات").click()
    page.wait_for_load_state("networkidle")
    line = page.locator(".ip-greeting[data-person=dana] .ip-ready q").inner_text()
    page.get_by_role("button", name="ألقِ التحية على Dana Whitfield").first.click()
    expect(page.get_by_text("ألقيتَ التحية").first).to_be_visible()
    expect(page.locator(".ip-mine q").first).to_have_text(line)


def test_the_seen_word_is_in_the_name(arabic: str, open_page: Open) -> None:
    """Who speaks to the computer says what is on the button (WCAG 2.5.3)."""
    page = open_page(arabic)
    sign_in(page)
    button = page.get_by_role("button", name="متابعة Noah Abrams", exact=True)
    assert button.evaluate("e => e.innerText.trim()").startswith("متابعة")
