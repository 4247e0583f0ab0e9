"""Pages in place of those that were asked for: kind, and never the cause."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from intranet_people.widgets.widget import people_widget

from ..client import Browser, token_of


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
    sent = tomas.post("/people/@dana/follow", next="/people/@dana")
    fragment = tomas.post("/people/@dana/follow", htmx=True)
    health = tomas.get("/people/health")
    badge = tomas.get("/people/hellos/badge?n=0", htmx=True)
    with company_app.test_request_context("/"):
        widget = people_widget("card", "dana")
    event.remove(engine, "before_cursor_execute", fail)
    assert (health.status_code, health.json) == (503, {"status": "down"})
    assert (badge.status_code, badge.text) == (204, ""), "it asks again in a minute"
    assert widget == "", "the host's page goes on"
    assert answer.status_code == 503
    assert "Nothing was lost" in answer.text
    assert '<meta http-equiv="refresh" content="20">' in answer.text
    assert '<a class="ip-button" href="/people/">Try again</a>' in answer.text
    assert "ip-top" not in answer.text
    assert 'http-equiv="refresh"' not in sent.text, "which would ask for what only a form can"
    assert 'href="/people/@dana">Try again</a>' in sent.text
    assert (fragment.status_code, fragment.headers["HX-Reswap"]) == (503, "none")
    assert "database is locked" in caplog.text
    assert "database is locked" not in answer.text
    assert tomas.get("/people/").status_code == 200


def test_unknown_address_below_ours(company_app: Flask) -> None:
    answer = Browser(company_app, "tomas").get("/people/zzz")
    assert answer.status_code == 404
    assert "This page has moved, or never existed." in answer.text
    assert 'aria-label="Search people"' in answer.text
    assert '<a class="ip-button" href="/people/">Find someone</a>' in answer.text
    fragment = Browser(company_app, "tomas").get("/people/zzz", htmx=True)
    assert fragment.headers["HX-Reswap"] == "none"
    assert fragment.text.startswith('<div class="ip-empty" role="status">')


def test_a_form_from_an_earlier_sign_in(company_app: Flask) -> None:
    """Back to its page; there is no button that would send another site's form."""
    tomas = Browser(company_app, "tomas")
    tomas.token = "old"
    answer = tomas.post("/people/@dana/follow", next="/people/@dana")
    assert answer.status_code == 403
    assert '<a class="ip-button" href="/people/@dana">Reload the page</a>' in answer.text
    assert answer.text.count("<form") == 1, "to sign out"
    away = tomas.post("/people/@dana/follow", next="//evil.example")
    assert '<a class="ip-button" href="/people/">Reload the page</a>' in away.text


def test_a_form_of_one_who_signed_out_elsewhere(company_app: Flask) -> None:
    stranger = company_app.test_client()
    form = {"csrf_token": token_of(stranger.get("/people/sign-in").text), "next": "/people/@dana"}
    answer = stranger.post("/people/@dana/follow", data=form)
    assert answer.status_code == 401
    assert '<a class="ip-button" href="/people/sign-in?next=/people/@dana">Sign in' in answer.text


def test_a_fragment_for_one_who_signed_out_elsewhere(company_app: Flask) -> None:
    """The whole page is loaded anew, and asks for the sign-in; the badge does not."""
    tomas = Browser(company_app, "tomas")
    tomas.client.delete_cookie("session")
    for answer in (
        tomas.post("/people/@dana/follow", htmx=True),
        tomas.get("/people/search?q=a", htmx=True),
    ):
        assert answer.status_code == 401
        assert answer.headers["HX-Refresh"] == "true"
        assert answer.text == ""
    assert tomas.get("/people/hellos/badge?n=0", htmx=True).status_code == 204
