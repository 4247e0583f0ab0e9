"""Who a host says is signed in: a login name, nobody, or nonsense."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import NoResultFound

from intranet_people import IntranetPeople
from intranet_people.widgets.widget import people_widget


def test_options_of_the_extension(host: Flask) -> None:
    """Given when it is made, or when it is moved in."""
    people = IntranetPeople(viewer=lambda: "tomas")
    people.init_app(host, url_prefix="/staff")
    client = host.test_client()
    assert "My profile" in client.get("/staff/").text
    assert client.get("/people/").status_code == 404


def test_viewer_that_raises(host: Flask, caplog: pytest.LogCaptureFixture) -> None:
    def failing() -> str:
        raise KeyError("sub")

    IntranetPeople(host, viewer=failing)
    answer = host.test_client().get("/people/")
    assert answer.status_code == 401
    assert "Please sign in" in answer.text
    failures = [r for r in caplog.records if "The viewer of IntranetPeople failed" in r.message]
    assert len(failures) == 1
    assert failures[0].exc_info
    with host.test_request_context("/"):
        assert people_widget("meetings") == ""


def test_viewer_that_asks_its_database_for_nobody(host: Flask) -> None:
    """`scalar_one()` of a stranger is no fault of the database."""

    def failing() -> str:
        raise NoResultFound

    IntranetPeople(host, viewer=failing)
    assert host.test_client().get("/people/").status_code == 401


@pytest.mark.parametrize("name", [object(), "\u212aenji"])
def test_viewer_that_returns_odd_things(host: Flask, name: Any) -> None:
    IntranetPeople(host, viewer=lambda: name)
    assert host.test_client().get("/people/").status_code == 401
    with host.test_request_context("/"):
        assert people_widget("meetings") == ""


@pytest.mark.parametrize(("name", "is_tomas"), [(" tomas\n", True), ("tomas\u2028", False)])
def test_blanks_around_a_name(host: Flask, name: str, is_tomas: bool) -> None:
    """Those of text files are nothing; others make it the name of somebody else."""
    IntranetPeople(host, viewer=lambda: name)
    assert (host.test_client().get("/people/me").location == "/people/@tomas") is is_tomas


def test_a_session_that_the_host_puts_away(host: Flask) -> None:
    IntranetPeople(host, viewer=lambda: "tomas")
    with host.test_request_context("/"):
        assert "Dana" in people_widget("card", "dana")
        session = host.extensions["sqlalchemy"].session
        session.commit()
        session.remove()
        assert "Dana" in people_widget("card", "dana")
        assert "ip-search" in people_widget("search")


def test_two_people_in_one_context(host: Flask) -> None:
    """As in a test or a command of the host's, which keeps an app context over requests."""
    name = "tomas"
    IntranetPeople(host, viewer=lambda: name)
    with host.app_context():
        assert host.test_client().get("/people/me").location == "/people/@tomas"
        name = "dana"
        assert host.test_client().get("/people/me").location == "/people/@dana"
