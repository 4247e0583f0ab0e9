"""What a load balancer and a monitor are told, and that it names nobody."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete
from sqlalchemy.orm import Session

from intranet_people.sync.history import SyncRun

from ..conftest import MakeApp, plugin_of, slapd_settings
from ..servers.slapd import NORTHWIND, Slapd
from .conftest import FULL, NO_NAME, REFUSED, ran


def health(app: Flask) -> dict[str, Any]:
    answer = app.test_client().get("/people/health")
    assert answer.status_code == 200
    assert isinstance(answer.json, dict)
    return answer.json


def failed(app: Flask) -> Any:
    """What it says of the error, after a run of the command."""
    app.test_cli_runner().invoke(args=["people", "sync"])
    said = health(app)
    assert said["sync"] == "failed"
    return said["last_error"]


def test_after_a_run(operated: Flask, session: Session) -> None:
    ran(session, 10, kind="full", counts=FULL)
    ran(session, 4)
    said = health(operated)
    assert (said["status"], said["sync"], said["last_error"]) == ("ok", "done", None)
    assert 240 <= said["sync_age_seconds"] < 300
    assert 600 <= said["full_sync_age_seconds"] < 660


def test_before_any_run(operated: Flask, session: Session) -> None:
    session.execute(delete(SyncRun))
    session.commit()
    said = health(operated)
    assert said["sync"] == "never"
    assert said["sync_age_seconds"] is said["full_sync_age_seconds"] is said["last_error"] is None


@pytest.mark.parametrize(
    ("status", "error"),
    [("refused", "refused by the guard"), ("incomplete", "incomplete"), ("failed", "failed")],
)
def test_an_error_names_nobody(operated: Flask, session: Session, status: str, error: str) -> None:
    ran(session, 9, kind="full", counts=FULL)
    ran(session, 1, status, reasons=[REFUSED], problems=[["dana", "", *NO_NAME]])
    said = health(operated)
    assert (said["sync"], said["last_error"]) == (status, error)
    assert 540 <= said["sync_age_seconds"] < 600, "the age of the last that was done"
    assert "dana" not in str(said)


def test_a_run_that_was_killed(operated: Flask, session: Session) -> None:
    ran(session, 1, "running")
    assert health(operated)["sync"] == "interrupted"
    assert health(operated)["last_error"] == "interrupted"


@pytest.fixture
def of(make_app: MakeApp, slapd: Slapd) -> MakeApp:
    """Makes the app of an operator who got one setting wrong."""
    return lambda **wrong: make_app(**slapd_settings(slapd) | wrong)


@pytest.mark.slapd
def test_each_cause_is_told_apart(of: MakeApp) -> None:
    assert failed(of(PEOPLE_LDAP_URI="ldaps://localhost:1")) == "directory down"
    assert failed(of(PEOPLE_LDAP_CA_FILE="")) == "TLS refused"
    assert failed(of(PEOPLE_LDAP_BIND_PASSWORD="wrong")) == "service account refused"
    assert failed(of(PEOPLE_LDAP_BASE_DN="ou=gone,dc=northwind,dc=example")) == "wrong base"
    assert failed(of(PEOPLE_LDAP_PERSON_FILTER="(&(uid=a)")) == "wrong filter"


@pytest.mark.slapd
def test_starttls_refused(make_app: MakeApp, slapd: Slapd) -> None:
    with Slapd(NORTHWIND, tls=False) as server:
        settings = slapd_settings(slapd) | {"PEOPLE_LDAP_URI": server.uri}
        assert failed(make_app(**settings)) == "TLS refused"


def test_where_the_database_does_not_answer(operated: Flask) -> None:
    with operated.app_context():
        session = plugin_of(operated).session
        SyncRun.__table__.drop(session.connection())  # type: ignore[attr-defined]
        session.commit()
    answer = operated.test_client().get("/people/health")
    assert (answer.status_code, answer.json) == (503, {"status": "down"})


def test_health(company_app: Flask) -> None:
    answer = company_app.test_client().get("/people/health").json
    assert answer
    assert answer["status"] == "ok"
    assert answer["sync"] == "done"
    assert answer["sync_age_seconds"] >= 0
