"""What every view shares: safe targets, headers, kind errors."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask_login import LoginManager
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from intranet_people import IntranetPeople
from intranet_people.web import safe_path

from .client import Browser
from .conftest import COMPANY, close


@pytest.mark.parametrize("path", ["/", "/people/", "/people/search?q=a%20b", "/a#b", "/å"])
def test_paths_on_this_site(path: str) -> None:
    assert safe_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        None,
        "",
        "people",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "\t//evil.example",
        " //evil.example",
        "https://evil.example",
        "https:/evil.example",
        "javascript:alert(1)",
        "/ /evil.example",
        "/\x7f/evil.example",
    ],
)
def test_paths_to_elsewhere(path: str | None) -> None:
    assert safe_path(path) is None


def test_headers_of_our_pages(company_app: Flask) -> None:
    headers = Browser(company_app, "tomas").get("/people/").headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_no_inline_script_or_style(company_app: Flask) -> None:
    tomas = Browser(company_app, "tomas")
    for path in ("/people/", "/people/@dana", "/people/meetings", "/people/hellos"):
        page = tomas.get(path).text
        assert "<style" not in page
        assert " style=" not in page
        assert "hx-on" not in page
        assert "<script>" not in page


def test_templates_use_what_htmx_2_and_4_share() -> None:
    """Targets and swaps are said on each element, as htmx 4 inherits nothing."""
    folder = Path(__file__).parents[1] / "intranet_people/templates"
    for file in folder.rglob("*.html"):
        for tag in file.read_text().split("<"):
            if "hx-get=" in tag or "hx-post=" in tag:
                assert "hx-target=" in tag, (file.name, tag)
                assert "hx-swap=" in tag, (file.name, tag)
            for eager in ("hx-on", "js:", "hx-boost", "hx-vals", "hx-ext", "hx-confirm"):
                assert eager not in tag, (file.name, eager)


def test_static_files_may_be_kept(company_app: Flask) -> None:
    answer = company_app.test_client().get("/people/static/people.css?v=1")
    assert answer.status_code == 200
    assert "no-store" not in answer.headers.get("Cache-Control", "")
    answer.close()


def test_database_that_does_not_answer(
    company_app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    """A plain page, the cause in the log, and it recovers alone."""
    tomas = Browser(company_app, "tomas")
    with company_app.app_context():
        engine = company_app.extensions["sqlalchemy"].engine

    def fail(*args: object) -> None:
        raise OperationalError("SELECT", {}, Exception("database is locked"))

    event.listen(engine, "before_cursor_execute", fail)
    answer = tomas.get("/people/")
    event.remove(engine, "before_cursor_execute", fail)
    assert answer.status_code == 503
    assert "Nothing was lost" in answer.text
    assert "database is locked" in caplog.text
    assert "database is locked" not in answer.text
    assert tomas.get("/people/").status_code == 200


@pytest.fixture
def host(company_url: str) -> Iterator[Flask]:
    """A Flask app that has nothing of its own."""
    app = Flask("host")
    app.config.update(SECRET_KEY="x", SQLALCHEMY_DATABASE_URI=company_url, **COMPANY)
    yield app
    close(app)


def test_options_of_the_extension(host: Flask) -> None:
    """Given when it is made, or when it is moved in."""
    people = IntranetPeople(viewer=lambda: "tomas")
    people.init_app(host, url_prefix="/staff")
    client = host.test_client()
    assert "My profile" in client.get("/staff/").text
    assert client.get("/people/").status_code == 404


def test_viewer_that_names_nobody(host: Flask) -> None:
    IntranetPeople(host, viewer=lambda: "nobody")
    assert host.test_client().get("/people/").status_code == 401


def test_the_hosts_login_manager_stays(host: Flask) -> None:
    manager = LoginManager(host)
    manager.user_loader(lambda user_id: None)
    manager.login_view = "login"
    host.add_url_rule("/login", "login", lambda: "log in here")
    IntranetPeople(host)
    assert host.login_manager is manager  # type: ignore[attr-defined]
    assert host.test_client().get("/people/").location.startswith("/login")
