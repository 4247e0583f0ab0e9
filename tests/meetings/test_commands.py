"""The calendars by `flask people`: real files, good and broken."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from intranet_people.clock import now
from intranet_people.jobs.lease import Lease

from ..client import Browser
from ..conftest import COMPANY, MakeApp, plugin_of

EVENT = """BEGIN:VEVENT
UID:{uid}@northwind.example
DTSTART:{start:%Y%m%dT%H%M%SZ}
DURATION:PT1H
SUMMARY:{title}
ATTENDEE;CN=Tomás Ferreira:mailto:tomas.ferreira@northwind.example
ATTENDEE;CN=Dana Whitfield:MAILTO:Dana.Whitfield@Northwind.Example
ATTENDEE;CN=The band:invalid:nomail
ATTENDEE;CN=Charlotte Reyes:mailto:charlotte@opendoors.example.org
END:VEVENT
"""
BROKEN = "BEGIN:VEVENT\nUID:secret\nSUMMARY:Secret plans\nDTSTART:tomorrow\nEND:VEVENT\n"


def calendar(*events: str) -> str:
    body = "".join(events)
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//tests//\n{body}END:VCALENDAR\n"
    return text.replace("\n", "\r\n")


@pytest.fixture
def app(open_app: MakeApp, company_url: str, tmp_path: Path) -> Flask:
    """Tomás and Dana meet in an hour; Tomás has a broken event, Priya a broken calendar."""
    start = datetime.now(UTC) + timedelta(hours=1)
    good = EVENT.format(uid="harbour", start=start, title="Harbour clock")
    for handle, text in {
        "tomas": calendar(BROKEN, good),
        "dana": calendar(good),
        "priya": "this is no calendar",
    }.items():
        (tmp_path / f"{handle}.ics").write_text(text)
    source = f"ics+file://{tmp_path}/{{handle}}.ics"
    return open_app(SQLALCHEMY_DATABASE_URI=company_url, PEOPLE_CALENDARS=[source], **COMPANY)


def test_what_is_broken_is_listed_and_the_rest_shown(app: Flask) -> None:
    run = app.test_cli_runner()
    read = run.invoke(args=["people", "calendars"], catch_exceptions=False)
    assert read.exit_code == 0
    assert "2 calendars read, 2 changed." in read.output
    status = run.invoke(args=["people", "status"], catch_exceptions=False).output
    for text in (read.output, status):
        assert "priya's calendar: " in text
        assert "tomas's calendar: the event of " in text
        assert "Secret plans" not in text, "a title is its owner's alone"
    page = Browser(app, "tomas").get("/people/meetings").text
    assert "Harbour clock" in page
    assert 'data-person="dana"' in page
    assert page.index("<bdi>The band</bdi>") < page.index("<bdi>Charlotte Reyes</bdi>")


def test_read_again_it_has_no_news(app: Flask) -> None:
    run = app.test_cli_runner()
    for news in (2, 0):
        read = run.invoke(args=["people", "calendars"], catch_exceptions=False)
        assert f"2 calendars read, {news} changed." in read.output


def test_after_a_sync_too(app: Flask) -> None:
    read = app.test_cli_runner().invoke(args=["people", "sync"], catch_exceptions=False)
    assert read.exit_code == 0
    assert "120 unchanged" in read.output
    assert "2 calendars read" in read.output


def test_no_calendars(company_app: Flask) -> None:
    answer = company_app.test_cli_runner().invoke(args=["people", "calendars"])
    assert (answer.exit_code, answer.output) == (1, "PEOPLE_CALENDARS names no calendar.\n")


def test_two_runs_at_once(app: Flask) -> None:
    run = app.test_cli_runner()
    with app.app_context():
        session = plugin_of(app).session
        session.add(Lease(name="calendars", expires_at=now() + timedelta(minutes=1)))
        session.commit()
    alone = run.invoke(args=["people", "calendars"], catch_exceptions=False)
    assert alone.exit_code == 3
    assert "another `flask people calendars` is already running" in alone.output.lower()
    after_a_sync = run.invoke(args=["people", "sync"], catch_exceptions=False)
    assert after_a_sync.exit_code == 0
    assert "already running" in after_a_sync.output


def test_the_lease_is_given_back(app: Flask) -> None:
    app.test_cli_runner().invoke(args=["people", "calendars"], catch_exceptions=False)
    with app.app_context():
        assert plugin_of(app).session.scalars(select(Lease)).all() == []
