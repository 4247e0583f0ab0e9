"""Pages in place of those that were asked for: kind, and never the cause."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from intranet_people.widgets.widget import people_widget

from ..client import Browser


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
    assert "database is locked" in caplog.text
    assert "database is locked" not in answer.text
    assert tomas.get("/people/").status_code == 200


def test_unknown_address_below_ours(company_app: Flask) -> None:
    answer = Browser(company_app, "tomas").get("/people/zzz")
    assert answer.status_code == 404
    assert "Not here" in answer.text


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
