"""Kerberos in a real browser: those that can answer see no form, the others nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ..conftest import MakeApp, slapd_settings
from ..servers.chromium import launch_with_tickets
from ..servers.kerberos import Kerberos
from ..servers.slapd import Slapd
from ..servers.web import serve
from ..signin.tickets import NEEDS_GSSAPI
from . import story
from .conftest import PATIENCE

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page, Playwright

pytestmark = [pytest.mark.browser, pytest.mark.kerberos, pytest.mark.slapd, NEEDS_GSSAPI]
ALLOWED = "--auth-server-allowlist=localhost"
Start = Callable[..., "Page"]


@pytest.fixture
def backend() -> str:
    return "sqlite"


@pytest.fixture
def site(
    make_app: MakeApp,
    slapd: Slapd,
    kerberos: Kerberos,
    ways: str,
    in_the_realm: None,
) -> Iterator[str]:
    keytab = str(kerberos.keytab("HTTP/localhost"))
    more = {"PEOPLE_SIGN_IN": ways, "PEOPLE_SPNEGO_KEYTAB": keytab}
    app = make_app(**slapd_settings(slapd) | more)
    assert app.test_cli_runner().invoke(args=["people", "sync"]).exit_code == 0
    with serve(app) as url:
        yield url.replace("127.0.0.1", "localhost")


@pytest.fixture
def ways() -> str:
    return "spnego ldap"


@pytest.fixture
def visited() -> list[str]:
    """What the browser showed, in order."""
    return []


@pytest.fixture
def start(playwright: Playwright, tmp_path: Path, visited: list[str]) -> Iterator[Start]:
    """Starts a browser with these tickets; fails where it opens a window of its own."""
    browsers: list[BrowserContext] = []
    dialogs: list[str] = []

    def with_tickets(environment: Mapping[str, str], *arguments: str) -> Page:
        profile = tmp_path / f"profile-{len(browsers)}"
        browser = launch_with_tickets(playwright, profile, environment, arguments)
        browsers.append(browser)
        page = browser.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("dialog", lambda dialog: dialogs.append(dialog.message))
        page.on("domcontentloaded", lambda page: visited.append(page.url))
        return page

    yield with_tickets
    for browser in browsers:
        browser.close()
    assert dialogs == []


def test_the_people_page_opens_without_a_form(
    site: str, start: Start, kerberos: Kerberos, visited: list[str]
) -> None:
    page = start(kerberos.ticket("alice"), ALLOWED)
    page.goto(f"{site}/people/")
    assert visited == [f"{site}/people/"]
    story.open_menu(page)
    page.get_by_role("link", name="My profile").click()
    page.get_by_role("heading", name="Alice Liddell").wait_for()


def test_signed_out_and_in_again(site: str, start: Start, kerberos: Kerberos) -> None:
    page = start(kerberos.ticket("alice"), ALLOWED)
    page.goto(f"{site}/people/")
    story.open_menu(page)
    page.get_by_role("button", name="Sign out").click()
    page.get_by_text("You are signed out.").wait_for()
    page.goto(f"{site}/people/@bob")
    page.get_by_text("You are signed out.").wait_for()
    page.get_by_role("link", name="sign in with your computer's account").click()
    page.wait_for_url("**/people/@bob")


@pytest.mark.parametrize("lacks", ["ticket", "permission"])
def test_the_others_sign_in_by_the_form(
    site: str, start: Start, kerberos: Kerberos, lacks: str, visited: list[str]
) -> None:
    has_none = lacks == "ticket"
    page = start(kerberos.no_ticket(), ALLOWED) if has_none else start(kerberos.ticket("alice"))
    page.goto(f"{site}/people/")
    page.get_by_label("Name").fill("alice")
    page.get_by_label("Password").fill("alice-password")
    page.get_by_role("button", name="Sign in").click()
    page.locator(".ip-menu").wait_for()
    page.wait_for_url(f"{site}/people/")
    form, people = visited
    assert re.search("/people/sign-in", form)
    assert people == f"{site}/people/"


@pytest.mark.parametrize("ways", ["spnego"])
def test_without_a_form_there_are_kind_words(site: str, start: Start, kerberos: Kerberos) -> None:
    page = start(kerberos.no_ticket(), ALLOWED)
    page.goto(f"{site}/people/")
    page.get_by_text("Please use a company computer").wait_for()
    page.get_by_role("link", name="Try again").click()
    page.get_by_text("Please use a company computer").wait_for()
    assert page.get_by_label("Password").count() == 0


def test_somebody_whom_the_directory_does_not_list(
    site: str, start: Start, kerberos: Kerberos
) -> None:
    page = start(kerberos.ticket("stranger"), ALLOWED)
    page.goto(f"{site}/people/")
    page.get_by_text("you are not listed here yet").wait_for()
    page.get_by_label("Name").fill("alice")
    page.get_by_label("Password").fill("alice-password")
    page.get_by_role("button", name="Sign in").click()
    page.locator(".ip-menu").wait_for()
