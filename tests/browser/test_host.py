"""The example intranet: five lines move the plugin in, and nothing of the host changes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from examples.host import demo
from intranet_people.widgets.widget import people_widget

from ..client import token_of
from ..conftest import close
from ..servers.web import serve
from . import story
from .conftest import Open

pytestmark = pytest.mark.process


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    app = demo.create_app(tmp_path_factory.mktemp("host"))
    yield app
    close(app)


@pytest.fixture(scope="module")
def intranet(host: Flask) -> Iterator[str]:
    with serve(host) as url:
        yield url


def log_in(page: Page, name: str = "tomas") -> None:
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill("tide-clock")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name=f"Good morning, {name}")).to_be_visible()
    page.wait_for_load_state("networkidle")


@pytest.mark.browser
@pytest.mark.parametrize("javascript", [True, False], ids=["js", "no-js"])
def test_hi_from_the_hosts_home_page(intranet: str, open_page: Open, javascript: bool) -> None:
    page = open_page(intranet, javascript=javascript)
    log_in(page)
    name = "Dana Whitfield" if javascript else "Priya Raman"
    story.say_hi(page, name, f"Hello from the home page, {name}")
    assert page.url == intranet + "/"
    expect(page.get_by_role("heading", name="News")).to_be_visible()


@pytest.mark.browser
def test_our_pages_in_the_hosts_layout(intranet: str, open_page: Open) -> None:
    page = open_page(intranet)
    log_in(page)
    page.get_by_role("link", name="People", exact=True).first.click()
    expect(page.get_by_role("link", name="Harbour intranet")).to_be_visible()
    story.find(page, "kenji", "Kenji Sato", javascript=True)
    expect(page.get_by_role("button", name="Sign out")).to_have_count(0)
    page.get_by_role("button", name="Log out").click()
    page.goto(intranet + "/people/")
    assert page.url.startswith(intranet + "/login")


@pytest.mark.browser
def test_the_hosts_buttons_keep_their_look(intranet: str, open_page: Open) -> None:
    page = open_page(intranet)
    log_in(page)
    padding = page.get_by_role("button", name="A button of the intranet").evaluate(
        "e => getComputedStyle(e).padding"
    )
    assert padding == "6px 14px"
    height = page.get_by_role("button", name="Say hi to").first.evaluate("e => e.offsetHeight")
    assert height == 44


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_of_ours(intranet: str, open_page: Open, width: int) -> None:
    page = open_page(intranet, width=width)
    log_in(page)
    assert [p for p in story.problems(page) if "ip-" in p] == []
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_the_hosts_own_pages_keep_their_headers(host: Flask) -> None:
    client = host.test_client()
    login = client.get("/login")
    assert "Content-Security-Policy" not in login.headers
    assert "X-Frame-Options" not in login.headers
    assert "HX-Request" not in login.headers.get("Vary", "")
    assert client.get("/people/").location.startswith("/login")
    assert client.get("/people/sign-in").status_code == 404, "the host signs in"
    assert client.post("/people/@dana/follow").status_code == 403, "by the host's CSRFProtect"


def test_no_widget_for_strangers(host: Flask) -> None:
    with host.test_request_context("/"):
        assert people_widget("meetings") == ""


@pytest.mark.browser
def test_a_host_that_is_always_light_stays_so(intranet: str, open_page: Open) -> None:
    """Whatever the system prefers: dark cards on a light page could not be read."""
    page = open_page(intranet, theme="dark")
    log_in(page)
    card = "e => getComputedStyle(e).backgroundColor"
    assert page.locator(".ip-card").first.evaluate(card) == "rgb(255, 255, 255)"
    page.evaluate("document.documentElement.style.setProperty('color-scheme', 'light dark')")
    assert page.locator(".ip-card").first.evaluate(card) == "rgb(36, 32, 28)"


def test_fragments_of_their_own_in_a_hosts_layout(host: Flask) -> None:
    """The badge that has news, and more people: no page, and so without the layout."""
    client = host.test_client()
    login = client.get("/login").text
    form = {"username": "amina", "password": "tide-clock", "csrf_token": token_of(login)}
    assert client.post("/login", data=form).status_code == 302
    for path in ("/people/hellos/badge?n=99", "/people/?after=a~0", "/people/search?q=dana"):
        answer = client.get(path, headers={"HX-Request": "true"})
        assert answer.status_code == 200, path
        assert "<html" not in answer.text
