"""Who is signed in: odd viewers, and cookies that were given elsewhere."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from flask import render_template_string
from sqlalchemy import create_engine, text

from intranet_people import SettingsError

from ..client import HTMX
from .conftest import MakeHost, apart, show
from .known import HOSTS, Host

BOARD, YARD, HARBOUR, LIGHTHOUSE = (
    next(h for h in HOSTS if h.name == name)
    for name in ("sessions", "factory", "migrating", "lite")
)
WIDGETS = "{{ people_head() }}[{{ people_widget('meetings') }}{{ people_widget('card', 'dana') }}]"


@pytest.mark.parametrize("host", [BOARD, YARD, LIGHTHOUSE], ids=lambda h: h.name)
def test_without_a_secret_key(host: Host, move_in: MakeHost) -> None:
    with pytest.raises(SettingsError, match="SECRET_KEY is missing"):
        move_in(host, SECRET_KEY=None)


def fails() -> str:
    raise KeyError("no such user in this host")


@pytest.mark.parametrize(
    ("viewer", "said"),
    [
        (fails, "The viewer of IntranetPeople failed"),
        (lambda: 7, "returned 7, which is no login name"),
        (lambda: b"tomas", "returned b'tomas', which is no login name"),
        (lambda: True, "returned True, which is no login name"),
        (lambda: ["tomas"], "returned ['tomas'], which is no login name"),
        (lambda: "tomas\0", "which is no login name"),
        (lambda: "", ""),
        (lambda: "  ", ""),
        (lambda: None, ""),
    ],
    ids=["raises", "int", "bytes", "bool", "list", "NUL", "empty", "blank", "nobody"],
)
def test_a_viewer_that_names_nobody(
    make: MakeHost, caplog: pytest.LogCaptureFixture, viewer: Any, said: str
) -> None:
    app = make(viewer=viewer)
    show(app, "/page", lambda: render_template_string(WIDGETS))
    client = app.test_client()
    page = client.get("/page")
    assert page.status_code == 200
    assert page.text.endswith("[]")
    assert "Set-Cookie" not in page.headers
    assert client.get("/people/").status_code == 401
    assert client.get("/").text == "home of the host"
    warnings = [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING]
    assert (said in " ".join(warnings)) if said else warnings == []


def test_whoever_the_directory_does_not_have_is_told_so(make: MakeHost) -> None:
    app = make()
    show(app, "/page", lambda: render_template_string(WIDGETS))
    client = app.test_client()
    client.get("/come/nobody-here")
    assert client.get("/page").text.endswith("[]")
    refused = client.get("/people/")
    assert refused.status_code == 403
    assert "but you are not listed here yet" in refused.text


def test_a_cookie_of_another_installation(make: MakeHost) -> None:
    """Signed by another key, or by the same over another database: nobody, or who it says here."""
    app, other = make(), make(SECRET_KEY="of another host, which nobody knows")
    elsewhere = other.test_client()
    elsewhere.get("/come/tomas")
    cookie = elsewhere.get_cookie("session")
    assert cookie
    client = app.test_client()
    client.set_cookie("session", cookie.value)
    assert client.get("/people/me").status_code == 401


def test_a_cookie_over_another_database(move_in: MakeHost) -> None:
    """Account 1 of one harbour is another person, or nobody, in the next: the host says who."""
    first, second = move_in(HARBOUR), move_in(HARBOUR)

    def look() -> list[tuple[int, str | None]]:
        there, here = first.test_client(), second.test_client()
        HARBOUR.enter(there, "tomas")
        cookie = there.get_cookie("session")
        assert cookie
        found: list[tuple[int, str | None]] = []
        for change in ("UPDATE user SET username = 'amina' WHERE id = 1", "DELETE FROM user"):
            engine = create_engine(second.config["SQLALCHEMY_DATABASE_URI"])
            with engine.begin() as connection:
                connection.execute(text(change))
            engine.dispose()
            here.set_cookie("session", cookie.value)
            answer = here.get("/people/me")
            found.append((answer.status_code, answer.location))
        return found

    (who, nobody) = apart(look)
    assert who == (302, "/people/@amina")
    assert nobody[0] == 302
    assert str(nobody[1]).startswith("/login?next=")


@pytest.mark.parametrize(
    ("host", "asked"),
    [
        (HARBOUR, (302, "/login?next=%2Fpeople%2Fmeetings%3Fx%3D1")),
        (YARD, (302, "/auth/enter?back=/colleagues/meetings")),
        (LIGHTHOUSE, (401, None)),
    ],
    ids=["Flask-Login", "by a handler of its own", "no Flask-Login"],
)
def test_a_stranger_is_asked_as_the_host_asks(
    host: Host, move_in: MakeHost, asked: tuple[int, str | None]
) -> None:
    app = move_in(host)
    page = f"{host.prefix}/meetings?x=1"
    answer = apart(app.test_client().get, page)
    assert (answer.status_code, answer.location) == asked
    # A fragment asks for nothing: the whole page does, once it is loaded anew.
    part = apart(lambda: app.test_client().get(page, headers=HTMX))
    assert (part.status_code, part.headers.get("HX-Refresh")) == (401, "true")
