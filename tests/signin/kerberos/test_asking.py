"""Who is asked for a ticket, when, and who gets the form."""

from __future__ import annotations

import pytest
from flask import Flask

from ...client import token_of
from ...servers.kerberos import Kerberos
from ..tickets import NEEDS_GSSAPI, negotiate
from .conftest import PASSWORD_FIELD, Make, Visit, offers

pytestmark = [pytest.mark.kerberos, pytest.mark.slapd, NEEDS_GSSAPI]


@pytest.mark.parametrize("header", ["Basic YWxpY2U6YWxpY2UtcGFzc3dvcmQ=", "Bearer YIIC"])
def test_what_is_for_a_server_in_front(both: Flask, visit: Visit, header: str) -> None:
    """Whoever had to give a password there is asked for a ticket all the same."""
    curl = visit(both)
    answer = curl.ask("/people/sign-in", "-H", f"Authorization: {header}")
    assert (answer.status, answer.challenges) == (401, ["Negotiate"])
    assert PASSWORD_FIELD in answer.text


def test_who_has_no_ticket_gets_the_form(both: Flask, visit: Visit) -> None:
    curl = visit(both)
    asked = curl.ask("/people/@bob")
    assert (asked.status, asked.location) == (302, "/people/sign-in?next=/people/@bob")
    answer = curl.get(asked.location)
    assert (answer.status, answer.challenges) == (401, ["Negotiate"])
    assert PASSWORD_FIELD in answer.text
    # Nobody is asked twice.
    again = curl.get("/people/sign-in?next=/people/@bob")
    assert (again.status, again.challenges) == (200, [])
    form = {"name": "alice", "password": "alice-password", "next": "/people/@bob"}
    form["csrf_token"] = token_of(again.text)
    fields = [part for field in form.items() for part in ("--data-urlencode", "=".join(field))]
    answer = curl.ask("/people/sign-in", *fields)
    assert (answer.status, answer.location) == (303, "/people/@bob")
    assert curl.me() == "alice"


def test_whoever_chooses_to_is_asked_again(both: Flask, visit: Visit) -> None:
    curl = visit(both, "alice")
    page = curl.ask("/people/sign-in?next=/people/@bob").text
    assert curl.ask("/people/sign-in").challenges == []
    assert 'href="/people/sign-in/ask?next=/people/@bob"' in page
    answer = curl.get("/people/sign-in/ask?next=/people/@bob", "-L")
    assert answer.status == 200
    assert curl.me() == "alice"


def test_fragments_are_not_asked(both: Flask, visit: Visit) -> None:
    for path in ("/people/", "/people/sign-in"):
        answer = visit(both, "alice").get(path, "-H", "HX-Request: true")
        assert answer.challenges == []


def test_alone_there_is_no_form(make: Make, visit: Visit) -> None:
    app = make("spnego")
    curl = visit(app)
    answer = curl.get("/people/", "-L")
    assert (answer.status, answer.challenges) == (401, ["Negotiate"])
    assert PASSWORD_FIELD not in answer.text
    assert "Please use a company computer" in answer.text
    form = {"name": "alice", "password": "alice-password"}
    assert app.test_client().post("/people/sign-in", data=form).status_code in (403, 404)
    app.config["WTF_CSRF_ENABLED"] = False
    assert app.test_client().post("/people/sign-in", data=form).status_code == 404


def test_who_signs_out_stays_out(both: Flask, visit: Visit, kerberos: Kerberos) -> None:
    curl = visit(both, "alice")
    page = curl.get("/people/", "-L").text
    assert "Sign out" in page
    out = curl.get("/people/sign-out", "-d", f"csrf_token={token_of(page)}")
    assert (out.status, out.location) == (303, "/people/sign-in?signed_out=1")
    answer = curl.get("/people/", "-L")
    assert (answer.status, answer.challenges) == (200, [])
    assert "You are signed out." in answer.text
    # Some browsers go on sending a ticket unasked.
    assert offers(curl, negotiate(kerberos.ticket("alice"))) == (200, "")
    curl.get("/people/sign-in/ask", "-L")
    assert curl.me() == "alice"
