"""The example intranet: five lines move the plugin in, and nothing of the host changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect

from examples.host import demo
from examples.host.listens import RECEIVERS
from intranet_people.db.session import db_session
from intranet_people.people.person import by_handle
from intranet_people.signals import send
from intranet_people.widgets.widget import people_widget

from ..client import token_of
from ..conftest import close, plugin_of
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
    assert page.url.partition("#")[0] == intranet + "/"
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
    assert page.locator(".ip-card").first.evaluate(card).startswith("color(srgb 0.1")


def test_fragments_of_their_own_in_a_hosts_layout(host: Flask) -> None:
    """The badge that has news, and more people: no page, and so without the layout."""
    client = logged_in(host, "amina")
    for path in ("/people/hellos/badge?n=99", "/people/?after=a~0", "/people/search?q=dana"):
        answer = client.get(path, headers={"HX-Request": "true"})
        assert answer.status_code == 200, path
        assert "<html" not in answer.text


def logged_in(host: Flask, name: str) -> FlaskClient:
    client = host.test_client()
    token = token_of(client.get("/login").text)
    form = {"username": name, "password": "tide-clock", "csrf_token": token}
    assert client.post("/login", data=form).status_code == 302
    return client


def test_what_the_host_puts_into_the_slots(host: Flask) -> None:
    client = logged_in(host, "amina")
    people = client.get("/people/").text
    assert '<a class="ip-tab" href="/">Home</a>' in people
    assert "The front desk knows them all" in people
    profile = client.get("/people/@dana").text
    assert "Parcels</h2>" in profile
    assert "front desk in <bdi>Oslo</bdi>" in profile
    assert "Coffee for <bdi>" in logged_in(host, "tomas").get("/people/meetings").text
    assert "Desk: <bdi>" in client.get("/people/@dana/card").text
    missing = client.get("/people/@nobody")
    assert missing.status_code == 404
    assert "The front desk helps: ring 200." in missing.text


def test_what_the_host_hears(host: Flask, caplog: pytest.LogCaptureFixture) -> None:
    """Each receiver takes what its signal sends, of this app alone."""
    with host.app_context():
        id = by_handle(plugin_of(host).session, "dana").id  # type: ignore[union-attr]
    person, pair = {"person_id": id}, {"follower_id": id, "person_id": id}
    hello = {"hello_id": 1, "sender_id": id, "receiver_id": id}
    facts: dict[str, dict[str, Any]] = {
        "sync_finished": {"status": "done", "counts": {}},
        "followed": pair,
        "unfollowed": pair,
        "hi_said": hello,
        "hi_answered": hello,
        "met": hello,
    }
    with caplog.at_level("INFO"), host.app_context():
        for signal, _ in RECEIVERS:
            send(db_session(), signal, **facts.get(signal.name, person))
    assert "failed" not in caplog.text
    for said in (
        "A desk and a key for Dana Whitfield",
        "A new sign for the door of Dana Whitfield",
        "The key of Dana Whitfield",
        "The directory was read: done",
        "Something waits for Dana Whitfield",
        "Two more know each other",
    ):
        assert said in caplog.text
    assert not any(signal.has_receivers_for(Flask("other")) for signal, _ in RECEIVERS)


@pytest.mark.browser
@pytest.mark.parametrize("javascript", [True, False], ids=["js", "no-js"])
def test_our_tabs_are_one_line_in_the_hosts_page(
    intranet: str, open_page: Open, javascript: bool
) -> None:
    """Which scrolls on a phone; my face ends it. No second banner, no company."""
    page = open_page(intranet, width=360, javascript=javascript)
    page.get_by_label("User name").fill("tomas")
    page.get_by_label("Password").fill("tide-clock")
    page.get_by_role("button", name="Log in").click()
    page.goto(intranet + "/people/hellos")
    assert page.locator("main header.ip-top, main .ip-company").count() == 0
    line, face = page.locator(".ip-top").bounding_box(), page.locator(".ip-me").bounding_box()
    assert line
    assert face
    assert line["height"] <= 60
    assert line["x"] + line["width"] - face["x"] - face["width"] < 10
    tops = page.locator(".ip-tab").evaluate_all("all => [...new Set(all.map(e => e.offsetTop))]")
    assert len(tops) == 1
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    if javascript:
        expect(page.locator(".ip-tab[aria-current]")).to_be_in_viewport(ratio=1)
    story.open_menu(page)
    expect(page.get_by_role("button", name="Sign out")).to_have_count(0)
    page.get_by_role("link", name="My profile").click()
    expect(page.get_by_role("heading", name="Tomás Ferreira")).to_be_visible()


@pytest.mark.browser
def test_offline_in_a_widget(intranet: str, browser: Browser) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(intranet)
        log_in(page)
        row = page.locator(".ip-greeting").last
        row.locator(".ip-edit").click()
        row = page.locator(".ip-greeting", has=page.locator("textarea"))
        box = row.locator("textarea[name=line]")
        box.fill("Hello from afar")
        context.set_offline(True)
        row.get_by_role("button", name="Send").click()
        expect(row.get_by_role("alert")).to_contain_text("No connection. Nothing was sent.")
        expect(box).to_have_value("Hello from afar")
        key = page.evaluate("Object.keys(sessionStorage)[0]")
        assert key.startswith("ip-line tomas /people/meetings/")
