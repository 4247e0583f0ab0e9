"""An app over tables of another version: the command is named, and the rest goes on."""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from intranet_people import IntranetPeople
from intranet_people.db.upgrade import upgrade
from intranet_people.widgets.widget import WIDGETS

from .. import SECRET_KEY
from ..client import Browser
from ..conftest import COMPANY, MakeApp, plugin_of
from ..queries import counted
from .upgrades import ROOT, add, versions

__all__ = ["versions"]
UPGRADE = "flask people db upgrade"
EARLIER = f"run `{UPGRADE}`"


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.ERROR)
    return caplog


def test_a_start_asks_nothing_of_the_database(
    open_app: MakeApp, tmp_path: Path, log: pytest.LogCaptureFixture
) -> None:
    """No file is made; and somebody who takes the connection and never says a word is not heard."""
    file = tmp_path / "people.db"
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.setblocking(False)
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        for url in (f"sqlite:///{file}", f"postgresql+psycopg://people@{address}/people"):
            open_app(SQLALCHEMY_DATABASE_URI=url, **COMPANY)
        with pytest.raises(BlockingIOError):
            silent.accept()
    assert not file.exists()
    assert log.text == ""


@pytest.mark.process
def test_wsgi_and_the_command(tmp_path: Path) -> None:
    """The first page that is asked for says it, and the health."""
    environment = os.environ | {
        "SECRET_KEY": SECRET_KEY,
        "DATABASE_URL": f"sqlite:///{tmp_path / 'people.db'}",
        "PEOPLE_LDAP_URI": str(COMPANY["PEOPLE_LDAP_URI"]),
        "PEOPLE_LDAP_BASE_DN": str(COMPANY["PEOPLE_LDAP_BASE_DN"]),
        "PEOPLE_LDAP_BIND_DN": str(COMPANY["PEOPLE_LDAP_BIND_DN"]),
        "PEOPLE_LDAP_BIND_PASSWORD": str(COMPANY["PEOPLE_LDAP_BIND_PASSWORD"]),
    }

    def said(*command: str) -> str:
        ended = subprocess.run(
            (sys.executable, *command), cwd=ROOT, env=environment, capture_output=True, text=True
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stderr

    for path, status in (("sign-in", 503), ("health", 503)):
        missing = f"No page can be shown: The tables are missing: {EARLIER}.\n"
        assert said("-c", ASK, path, str(status)) == missing
    assert said("-m", "flask", "--app", "wsgi", "people", "db", "upgrade") == ""
    for path, status in (("sign-in", 200), ("health", 200)):
        assert said("-c", ASK, path, str(status)) == ""


ASK = """
import sys
import wsgi
answer = wsgi.app.test_client().get(f"/people/{sys.argv[1]}")
assert answer.status_code == int(sys.argv[2]), answer.status_code
"""


@pytest.fixture
def host(company_url: str) -> Iterator[Flask]:
    """An intranet with a page of its own that shows every widget; Dana is signed in."""
    app = Flask("intranet")
    app.config.update(COMPANY, SECRET_KEY=SECRET_KEY, SQLALCHEMY_DATABASE_URI=company_url)
    IntranetPeople(app, viewer=lambda: "dana")

    @app.get("/")
    def home() -> str:
        widget = app.jinja_env.globals["people_widget"]
        return "Good morning: " + "|".join(widget(name, "tomas") for name in WIDGETS)  # type: ignore[operator]

    yield app
    with app.app_context():
        app.extensions["sqlalchemy"].engine.dispose()


def test_in_a_host(
    host: Flask, company_url: str, versions: Path, log: pytest.LogCaptureFixture
) -> None:
    add(versions)
    client = host.test_client()
    page = client.get("/people/")
    assert page.status_code == 503
    assert "One moment" in page.text
    assert UPGRADE not in page.text
    assert "No page can be shown: The tables are those of an earlier version" in log.text
    assert EARLIER in log.text
    with client.get("/people/static/people.css") as file:
        assert file.status_code == 200

    log.clear()
    home = client.get("/")
    assert (home.status_code, home.text) == (200, "Good morning: |||")
    assert EARLIER in log.text
    log.clear()
    health = client.get("/people/health")
    assert (health.status_code, health.json) == (503, {"status": "down"})
    assert EARLIER in log.text

    engine = create_engine(company_url)
    with Session(engine) as session:
        upgrade(session)
    engine.dispose()
    log.clear()
    assert client.get("/people/health").json["status"] == "ok"  # type: ignore[index]
    assert client.get("/people/").status_code == 200
    assert client.get("/").text.count("ip-") > 3
    assert log.text == ""


def test_is_asked_once(host: Flask) -> None:
    client = host.test_client()

    def asked() -> list[str]:
        with counted(host) as statements:
            assert client.get("/").status_code == 200
            assert client.get("/people/").status_code == 200
        return [s for s in statements if "people_alembic_version" in s]

    assert any("version_num" in statement for statement in asked())
    assert asked() == []


def test_what_a_host_has_not_written_yet_stays(host: Flask, versions: Path) -> None:
    """A widget that finds other tables leaves the host's transaction alone."""
    add(versions)
    with host.app_context():
        session = plugin_of(host).session
        session.execute(text("UPDATE people_person SET title = 'Host' WHERE handle = 'dana'"))
        with host.test_request_context("/"):
            widget = host.jinja_env.globals["people_widget"]
            assert widget("card", "tomas") == ""  # type: ignore[operator]
        titles = session.execute(text("SELECT title FROM people_person WHERE title = 'Host'"))
        assert len(titles.all()) == 1
        session.rollback()


def test_stand_alone_pages_too(open_app: MakeApp, company_url: str, versions: Path) -> None:
    number = add(versions)
    app = open_app(SQLALCHEMY_DATABASE_URI=company_url, **COMPANY)
    assert app.test_client().get("/people/sign-in").status_code == 503
    assert number
    with app.app_context():
        upgrade(plugin_of(app).session)
    assert Browser(app, "dana").get("/people/").status_code == 200
