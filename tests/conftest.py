"""The apps under test: stand-alone ones over a real slapd, or over the sample company in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from intranet_people.demo import company
from intranet_people.people.database import upgrade
from intranet_people.plugin import Plugin
from intranet_people.standalone import create_app

from .servers.slapd import Slapd

pytest_plugins = ["tests.servers.fixtures"]

MakeApp = Callable[..., Flask]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of its own for each test, on SQLite and again on PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'people.db'}"
        return
    server = request.getfixturevalue("postgresql")
    name = f"people_{uuid4().hex[:12]}"
    yield server.create_database(name)
    server.drop_database(name)


@pytest.fixture
def make_app(database_url: str) -> Iterator[MakeApp]:
    """Makes stand-alone apps with tables, by their settings; they are closed after the test."""
    apps: list[Flask] = []

    def make(**config: object) -> Flask:
        app = create_app(
            {},
            **{"SECRET_KEY": "tests", "SQLALCHEMY_DATABASE_URI": database_url, "TESTING": True}
            | config,
        )
        apps.append(app)
        with app.app_context():
            upgrade(plugin_of(app).session)
        return app

    yield make
    for app in apps:
        for calendar in plugin_of(app).calendars:
            getattr(calendar, "close", lambda: None)()
        with app.app_context():
            app.extensions["sqlalchemy"].session.remove()
            app.extensions["sqlalchemy"].engine.dispose()


@pytest.fixture
def app(make_app: MakeApp, slapd: Slapd) -> Flask:
    """Over the twelve named people of tests/data/northwind.ldif in a real slapd; not yet synced."""
    return make_app(**slapd_settings(slapd))


@pytest.fixture
def company_app(make_app: MakeApp) -> Flask:
    """Over the sample company of 120 in memory, synced, without calendars."""
    app = make_app(
        PEOPLE_LDAP_URI="embedded:intranet_people.demo.company",
        PEOPLE_LDAP_BASE_DN=company.BASE_DN,
        PEOPLE_LDAP_BIND_DN=company.SERVICE_DN,
        PEOPLE_LDAP_BIND_PASSWORD=company.SERVICE_PASSWORD,
        PEOPLE_LDAP_ATTRIBUTES={"time_zone": "timeZone"},
    )
    assert app.test_cli_runner().invoke(args=["people", "sync"]).exit_code == 0
    return app


def slapd_settings(slapd: Slapd) -> dict[str, object]:
    """What an operator would set for that server."""
    return {
        "PEOPLE_LDAP_URI": slapd.ldaps_uri,
        "PEOPLE_LDAP_CA_FILE": str(slapd.ca_file),
        "PEOPLE_LDAP_BASE_DN": slapd.base_dn,
        "PEOPLE_LDAP_BIND_DN": slapd.service_dn,
        "PEOPLE_LDAP_BIND_PASSWORD": slapd.service_password,
    }


def plugin_of(app: Flask) -> Plugin:
    plugin = app.extensions["intranet_people"]
    assert isinstance(plugin, Plugin)
    return plugin


def token_of(page: str) -> str:
    """The CSRF token of a page's first form."""
    return page.partition('name="csrf_token" value="')[2].partition('"')[0]


def sign_in(client: FlaskClient, name: str, password: str) -> None:
    """As a browser without JavaScript would."""
    token = token_of(client.get("/people/sign-in").text)
    form = {"name": name, "password": password, "csrf_token": token}
    answer = client.post("/people/sign-in", data=form)
    assert answer.status_code == 303, answer.text
