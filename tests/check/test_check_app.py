"""What is checked beside the directory: the database, the calendars, who can be signed in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from flask_login import LoginManager
from sqlalchemy import inspect, text

from intranet_people import IntranetPeople

from .. import SECRET_KEY
from ..conftest import COMPANY, MakeApp, close, plugin_of, slapd_settings
from ..servers.slapd import Slapd
from .conftest import checked_app, only, said


@pytest.mark.slapd
def test_a_database_without_tables(open_app: MakeApp, database_url: str, slapd: Slapd) -> None:
    app = open_app(SQLALCHEMY_DATABASE_URI=database_url, **slapd_settings(slapd))
    with app.app_context():
        engine = app.extensions["sqlalchemy"].engine
    wrong = only(checked_app(app))
    assert wrong.what.endswith(" answers; the tables are missing.")
    assert wrong.hint == "flask people db upgrade"
    assert inspect(engine).get_table_names() == []


@pytest.mark.slapd
def test_tables_of_another_version(make_app: MakeApp, slapd: Slapd) -> None:
    app = make_app(**slapd_settings(slapd))
    with app.app_context():
        engine = app.extensions["sqlalchemy"].engine
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE people_sync_run DROP COLUMN kind"))
    wrong = only(checked_app(app))
    assert "lack people_sync_run.kind: restore a backup" in wrong.what


def test_a_database_that_does_not_answer(open_app: MakeApp) -> None:
    app = open_app(SQLALCHEMY_DATABASE_URI="sqlite:////no/such/folder/people.db", **COMPANY)
    wrong = only(checked_app(app))
    assert wrong.what.startswith("The database does not answer: ")
    assert "SQLALCHEMY_DATABASE_URI" in wrong.hint


def test_the_embedded_company(make_app: MakeApp) -> None:
    found = checked_app(make_app(**COMPANY))
    assert found[-1].what == "Ready: flask people sync"
    assert said(found, "120 people match").ok
    assert [f.what for f in found if f.ok is None] == [
        "Server embedded:intranet_people.demo.company",
        "embedded:intranet_people.demo.company is a directory in memory, for demos and tests.",
        "PEOPLE_CALENDARS is not set, so nobody sees meetings.",
    ]


CALENDAR = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//tests//\r\nEND:VCALENDAR\r\n"


def test_calendars(make_app: MakeApp, tmp_path: Path) -> None:
    files = f"ics+file://{tmp_path}/{{handle}}.ics"
    secret = "ics+http://reader:pw@127.0.0.1:1/{mail}/calendar.ics?key=s3cret"
    app = make_app(**COMPANY, PEOPLE_CALENDARS=[files, secret])
    found = checked_app(app)
    tried = said(found, f"^Calendars, {re.escape(files)}: there is none for ")
    assert tried.ok is None
    down = said(found, "^Calendars, ics.http://127.0.0.1:1/")
    assert down.ok is False
    assert "pw" not in str(down)
    assert "s3cret" not in str(down)
    handles = tried.what.partition(" for ")[2].rstrip(".").split(", ")
    assert len(handles) == 5
    (tmp_path / f"{handles[4]}.ics").write_text(CALENDAR)
    assert said(checked_app(app), f": {handles[4]}'s can be read").ok


def test_a_calendar_of_the_host_that_raises(make_app: MakeApp) -> None:
    class Odd:
        def read(self, *arguments: object) -> object:
            raise ZeroDivisionError("a fault of theirs")

    app = make_app(**COMPANY)
    plugin_of(app).calendars.append(Odd())  # type: ignore[arg-type]
    wrong = only(checked_app(app))
    assert wrong.what == (
        "Calendars, the host's Odd: the source failed: ZeroDivisionError: a fault of theirs."
    )


def test_a_host_that_cannot_say_who_is_signed_in(company_url: str) -> None:
    app = Flask("bakery")
    app.config.update(SECRET_KEY=SECRET_KEY, SQLALCHEMY_DATABASE_URI=company_url, **COMPANY)
    IntranetPeople(app)
    try:
        found = checked_app(app)
        assert said(found, "^Nobody can be signed in").ok is False
        assert "viewer=lambda" in said(found, "^Nobody can be signed in").what
        LoginManager(app).user_loader(lambda id: None)
        assert found[-1].ok is False
        assert checked_app(app)[-1].ok
    finally:
        close(app)
