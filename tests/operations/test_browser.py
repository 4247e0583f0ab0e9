"""The page for operators in a real browser: each width and theme, and the end of a run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import expect
from sqlalchemy import delete
from sqlalchemy.orm import Session

from intranet_people.clock import now
from intranet_people.jobs.lease import Lease
from intranet_people.problems import Problem

from ..browser import story
from ..browser.conftest import Open
from ..browser.conftest import open_page as open_page
from ..servers.web import serve
from .conftest import DOWN, FULL, LONG_TITLE, NO_ID, PIXELS, REFUSED, break_photo, doubt, ran

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("backend", ["sqlite"], indirect=True)]


@pytest.fixture
def site(operated: Flask, session: Session) -> Iterator[str]:
    """The address of a company with runs of every kind and doubts of every kind."""
    for n in range(12):
        ran(session, 400 - n, counts={"joined": n % 3, "changed": n % 4})
    ran(session, 90, "failed", reasons=[DOWN])
    printer = "cn=Printer Room 3,ou=people,dc=northwind,dc=example"
    left_out = [[printer, "", *NO_ID]]
    ran(session, 60, kind="full", counts=FULL, problems=left_out)
    doubt(session, "malex", Problem("no-zone", "timeZone", "Oslo"))
    break_photo(session, "nour", PIXELS)
    ran(session, 5, "refused", reasons=[REFUSED])
    with serve(operated) as url:
        yield url


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1280])
def test_every_width_and_theme(site: str, open_page: Open, width: int, theme: str) -> None:
    page = open_page(site, width=width, theme=theme)
    story.sign_in(page, "tomas", "tide-clock")
    story.open_menu(page)
    page.get_by_role("link", name="Operations").click()
    expect(page.get_by_role("heading", name="Operations")).to_be_visible()
    page.get_by_text("Earlier ones").click()
    expect(page.locator(".ip-runs tbody tr").last).to_be_visible()
    assert story.problems(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_javascript(site: str, open_page: Open) -> None:
    page = open_page(site, javascript=False)
    page.get_by_label("Name").fill("tomas")
    page.get_by_label("Password").fill("tide-clock")
    page.get_by_role("button", name="Sign in").click()
    story.open_menu(page)
    page.get_by_role("link", name="Operations").click()
    expect(page.get_by_text("The last run was refused.")).to_be_visible()
    expect(page.get_by_role("heading", name="Entries with problems")).to_be_visible()


def test_the_end_of_a_run_is_shown(site: str, open_page: Open, session: Session) -> None:
    session.add(Lease(name="sync", expires_at=now() + timedelta(minutes=5)))
    running = ran(session, 0.1, "running")
    page = open_page(site)
    story.sign_in(page, "tomas", "tide-clock")
    story.open_menu(page)
    page.get_by_role("link", name="Operations").click()
    expect(page.get_by_text("A run has been reading since")).to_be_visible()
    page.wait_for_load_state("networkidle")
    doubt(session, "dana", LONG_TITLE)
    running.status, running.finished_at, running.kind, running.counts = "done", now(), "full", FULL
    session.execute(delete(Lease))
    session.commit()
    page.evaluate("htmx.trigger('#ip-sync', 'ip-wake')")
    expect(page.get_by_text("1,204 people, read completely just now.")).to_be_visible()
    expect(page.get_by_text(str(LONG_TITLE))).to_be_visible()
