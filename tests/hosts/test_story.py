"""The whole way in each host, in a browser: from its home page to an answer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, Request, expect
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from ..browser import story
from ..browser.conftest import Open
from ..servers.web import serve
from .known import HOSTS, Host

pytestmark = pytest.mark.browser
DANA, LINE, ANSWER = "Dana Whitfield", "We met at the harbour", "And shall again"


@pytest.fixture
def site(moved_in: Flask) -> Iterator[str]:
    """The address of the host's home, without a slash at its end; its prefix is in it."""
    root = moved_in.config["APPLICATION_ROOT"].rstrip("/")
    app = DispatcherMiddleware(_nowhere, {root: moved_in}) if root else moved_in
    with serve(app) as url:
        yield url + root


def _nowhere(environ: object, start_response: object) -> list[bytes]:
    raise AssertionError("a link led out of the prefix")


def tell(host: Host, site: str, open_page: Open, javascript: bool = True) -> list[str]:
    """Who said what, once each: the POSTs that were sent."""
    posts: list[str] = []

    def enter(name: str) -> Page:
        page = open_page(site, javascript=javascript)
        page.on("request", lambda r: _note(r, posts))
        host.log_in(page, site, name)
        return page

    def go(page: Page, path: str) -> None:
        page.goto(site + path)
        if javascript:
            page.wait_for_function("window.htmx && document.readyState === 'complete'")

    tomas = enter("tomas")
    expect(tomas.locator(".ip-meetings").first).to_be_visible()
    go(tomas, f"{host.prefix}/")
    story.find(tomas, "whitf", DANA, javascript)
    go(tomas, f"{host.prefix}/@dana")
    expect(tomas.get_by_role("heading", name=DANA, exact=True)).to_be_visible()
    story.follow(tomas, DANA)
    go(tomas, host.home)
    story.say_hi(tomas, DANA, LINE)
    assert tomas.url.partition("#")[0] == site + host.home

    dana = enter("dana")
    go(dana, f"{host.prefix}/hellos")
    story.hi_back(dana, "Tomás Ferreira", ANSWER)
    host.log_out(dana, site)

    go(tomas, host.home)
    expect(tomas.get_by_text(ANSWER).first).to_be_visible()
    return posts


def _note(request: Request, posts: list[str]) -> None:
    if request.method == "POST":
        posts.append(request.url.rstrip("/").rpartition("/")[2])


def test_in_a_browser(host: Host, site: str, open_page: Open) -> None:
    posts = tell(host, site, open_page)
    login, logout = (path.rpartition("/")[2] for path in (host.login, host.logout))
    assert posts == [login, "follow", "dana", login, "reply", logout], "each is sent once"


@pytest.mark.parametrize(
    "host", [h for h in HOSTS if h.name in ("lite", "prefixed")], indirect=True
)
def test_without_javascript(host: Host, site: str, open_page: Open) -> None:
    tell(host, site, open_page, javascript=False)
