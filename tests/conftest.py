"""The apps under test: stand-alone ones over a real slapd, or over the sample company in memory."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from intranet_people.db.upgrade import upgrade
from intranet_people.demo import company, run
from intranet_people.standalone import create_app
from intranet_people.state import State

from . import SECRET_KEY
from .client import Browser, token_of
from .servers.postgresql import PostgreSQL
from .servers.slapd import Slapd

pytest_plugins = ["tests.speed", "tests.servers.fixtures", "tests.meetings.diaries"]

MakeApp = Callable[..., Flask]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def backend(request: pytest.FixtureRequest) -> str:
    """Every storage test runs on SQLite and again on PostgreSQL."""
    return str(request.param)


@pytest.fixture
def database_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of its own for each test."""
    if backend == "sqlite":
        yield f"sqlite:///{tmp_path / 'people.db'}"
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    name = f"people_{uuid4().hex[:12]}"
    yield server.create_database(name)
    server.drop_database(name)


@pytest.fixture
def open_app() -> Iterator[MakeApp]:
    """Makes stand-alone apps, by their settings; they are closed after the test."""
    apps: list[Flask] = []

    def make(**config: object) -> Flask:
        app = create_app({}, **{"SECRET_KEY": SECRET_KEY, "TESTING": True} | config)
        apps.append(app)
        return app

    yield make
    for app in apps:
        close(app)


@pytest.fixture
def make_app(open_app: MakeApp, database_url: str) -> MakeApp:
    """Makes stand-alone apps over the empty database, with tables."""

    def make(**config: object) -> Flask:
        app = open_app(**{"SQLALCHEMY_DATABASE_URI": database_url} | config)
        with app.app_context():
            upgrade(plugin_of(app).session)
        return app

    return make


@pytest.fixture
def app(make_app: MakeApp, slapd: Slapd) -> Flask:
    """Over the twelve named people of tests/data/northwind.ldif in a real slapd; not yet synced."""
    return make_app(**slapd_settings(slapd))


@pytest.fixture
def synced(app: Flask) -> Flask:
    """The twelve of Northwind, read once."""
    app.test_cli_runner().invoke(args=["people", "sync"], catch_exceptions=False)
    return app


@pytest.fixture
def changing(changing_slapd: Slapd, synced: Flask) -> Slapd:
    """The directory of the app `synced`, to be changed: restored afterwards."""
    return changing_slapd


COMPANY = {
    "PEOPLE_LDAP_URI": "embedded:intranet_people.demo.company",
    "PEOPLE_LDAP_BASE_DN": company.BASE_DN,
    "PEOPLE_LDAP_BIND_DN": company.SERVICE_DN,
    "PEOPLE_LDAP_BIND_PASSWORD": company.SERVICE_PASSWORD,
    "PEOPLE_LDAP_ATTRIBUTES": {"time_zone": "timeZone"},
}


@pytest.fixture(scope="session")
def company_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample company, synced once into a SQLite database to be copied."""
    file = tmp_path_factory.mktemp("company") / "company.db"
    _sync_company(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def northwind_folder(company_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database and the calendars of the sample company, as `make demo` makes them."""
    folder = tmp_path_factory.mktemp("northwind")
    run.prepare_calendars(folder)
    shutil.copy(company_file, folder / run.DATABASE)
    app = create_app({}, **run.config(folder))
    app.test_cli_runner().invoke(args=["people", "calendars"], catch_exceptions=False)
    close(app)
    return folder


@pytest.fixture(scope="session")
def meetings_file(northwind_folder: Path) -> Path:
    """The sample company with its calendars read: a SQLite database to be copied."""
    return northwind_folder / run.DATABASE


@pytest.fixture(scope="session")
def company_template(postgresql: PostgreSQL) -> str:
    """The same on PostgreSQL: the name of a database to be copied."""
    _sync_company(postgresql.create_database("company"))
    return "company"


@pytest.fixture
def company_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A copy of the synced sample company for each test."""
    if backend == "sqlite":
        copy = tmp_path / "company.db"
        shutil.copy(request.getfixturevalue("company_file"), copy)
        yield f"sqlite:///{copy}"
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    name = f"people_{uuid4().hex[:12]}"
    yield server.create_database(name, template=request.getfixturevalue("company_template"))
    server.drop_database(name)


@pytest.fixture
def company_app(open_app: MakeApp, company_url: str) -> Flask:
    """Over the sample company of 120 in memory, synced, without calendars."""
    return open_app(SQLALCHEMY_DATABASE_URI=company_url, **COMPANY)


@pytest.fixture
def tomas(company_app: Flask) -> Browser:
    """Signed in to the sample company."""
    return Browser(company_app, "tomas")


@pytest.fixture
def session(company_app: Flask) -> Iterator[Session]:
    """Of the sample company of 120; apart from those of the requests, which have their own."""
    with company_app.app_context():
        engine = company_app.extensions["sqlalchemy"].engine
    with Session(engine) as session:
        yield session


def _sync_company(url: str) -> None:
    app = create_app({}, SECRET_KEY=SECRET_KEY, SQLALCHEMY_DATABASE_URI=url, **COMPANY)
    with app.app_context():
        upgrade(plugin_of(app).session)
    app.test_cli_runner().invoke(args=["people", "sync"], catch_exceptions=False)
    close(app)


def close(app: Flask) -> None:
    """Ends what an app holds: calendar readers and connections."""
    for calendar in plugin_of(app).calendars:
        getattr(calendar, "close", lambda: None)()
    with app.app_context():
        app.extensions["sqlalchemy"].session.remove()
        app.extensions["sqlalchemy"].engine.dispose()


def slapd_settings(slapd: Slapd) -> dict[str, object]:
    """What an operator would set for that server."""
    return {
        "PEOPLE_LDAP_URI": slapd.ldaps_uri,
        "PEOPLE_LDAP_CA_FILE": str(slapd.ca_file),
        "PEOPLE_LDAP_BASE_DN": slapd.base_dn,
        "PEOPLE_LDAP_BIND_DN": slapd.service_dn,
        "PEOPLE_LDAP_BIND_PASSWORD": slapd.service_password,
    }


def plugin_of(app: Flask) -> State:
    plugin = app.extensions["intranet_people"]
    assert isinstance(plugin, State)
    return plugin


def sign_in(client: FlaskClient, name: str, password: str) -> None:
    """As a browser without JavaScript would."""
    token = token_of(client.get("/people/sign-in").text)
    form = {"name": name, "password": password, "csrf_token": token}
    answer = client.post("/people/sign-in", data=form)
    assert answer.status_code == 303, answer.text
