"""The whole way, in a browser: sign in, search, follow, hi, sign in as the other, hi back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import expect

from ..conftest import MakeApp, slapd_settings
from ..servers.slapd import Slapd
from ..servers.web import serve
from . import story
from .conftest import Open, prepared

pytestmark = pytest.mark.browser
WITH_AND_WITHOUT = pytest.mark.parametrize("javascript", [True, False], ids=["js", "no-js"])


@WITH_AND_WITHOUT
def test_in_the_sample_company(northwind: str, open_page: Open, javascript: bool) -> None:
    # One hi per pair and meeting: each run of the story has a pair of its own.
    other, handle = ("Dana Whitfield", "dana") if javascript else ("Priya Raman", "priya")
    tomas = open_page(northwind, javascript=javascript)
    story.sign_in(tomas, "tomas", "tide-clock")
    story.find(tomas, other[:4], other, javascript)
    story.follow(tomas, other)
    tomas.get_by_role("link", name="Following").click()
    expect(tomas.get_by_role("link", name=other)).to_be_visible()
    tomas.get_by_role("link", name="Meetings").click()
    line = f"Looking forward to your talk, {handle}"
    story.say_hi(tomas, other, line)

    theirs = open_page(northwind, javascript=javascript)
    story.sign_in(theirs, handle, "tide-clock")
    theirs.get_by_role("link", name="Hellos (1 new)").click()
    expect(theirs.get_by_text(line)).to_be_visible()
    story.hi_back(theirs, "Tomás Ferreira", f"See you, {handle}")
    expect(theirs.get_by_role("link", name="Hellos", exact=True)).to_be_visible()

    tomas.get_by_role("link", name="People", exact=True).click()
    tomas.get_by_role("link", name="Hellos (1 new)").click()
    expect(tomas.get_by_text(f"See you, {handle}")).to_be_visible()
    tomas.get_by_role("link", name="Meetings").click()
    expect(tomas.get_by_text(f"See you, {handle}")).to_be_visible()
    expect(tomas.get_by_role("link", name="Hellos", exact=True)).to_be_visible()
    story.open_menu(tomas)
    tomas.get_by_role("button", name="Sign out").click()
    expect(tomas.get_by_role("button", name="Sign in")).to_be_visible()


ICS = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//tests//
BEGIN:VEVENT
UID:planning@northwind.example
DTSTAMP:20260101T000000Z
DTSTART:{start:%Y%m%dT%H%M%SZ}
DURATION:PT1H
SUMMARY:Harbour clock
LOCATION:Room Aalto
ATTENDEE;CN=Alice Liddell:mailto:alice@northwind.example
ATTENDEE;CN=Priya Raman:mailto:priya@northwind.example
ATTENDEE;CN=Nobody:invalid:nomail
END:VEVENT
END:VCALENDAR
"""


@pytest.fixture
def on_slapd(make_app: MakeApp, slapd: Slapd, tmp_path: Path) -> Flask:
    """The twelve people of a real slapd, two of whom meet in half an hour."""
    start = datetime.now(UTC) + timedelta(minutes=30)
    for handle in ("alice", "priya"):
        (tmp_path / f"{handle}.ics").write_text(ICS.format(start=start).replace("\n", "\r\n"))
    (tmp_path / "bob.ics").write_text("this is no calendar")
    source = f"ics+file://{tmp_path}/{{handle}}.ics"
    return prepared(make_app(**slapd_settings(slapd), PEOPLE_CALENDARS=[source]))


@pytest.mark.slapd
@WITH_AND_WITHOUT
def test_on_a_real_directory(
    on_slapd: Flask, slapd: Slapd, open_page: Open, javascript: bool
) -> None:
    with serve(on_slapd) as url:
        alice = open_page(url, javascript=javascript)
        story.sign_in(alice, "alice", "alice-password")
        story.find(alice, "rama", "Priya Raman", javascript)
        story.follow(alice, "Priya Raman")
        alice.get_by_role("link", name="Meetings").click()
        story.say_hi(alice, "Priya Raman", "We meet at last")
        priya = open_page(url, javascript=javascript)
        story.sign_in(priya, "priya", "priya-password")
        priya.get_by_role("link", name="Hellos").click()
        priya.get_by_role("button", name="Hi back").click()
        expect(priya.get_by_text("Said hi back")).to_be_visible()
        alice.reload()
        alice.wait_for_load_state("networkidle")
        expect(alice.locator(".ip-answer q")).to_be_visible()
