"""A site with a keytab, real browsers with a ticket or without one, and what they are answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from ...conftest import MakeApp, slapd_settings
from ...servers.kerberos import Kerberos
from ...servers.slapd import Slapd
from ...servers.web import serve
from ..tickets import Curl

PASSWORD_FIELD = 'name="password"'
Visit = Callable[..., Curl]
Make = Callable[..., Flask]


@pytest.fixture
def backend() -> str:
    """What is stored is the same as with the form, whose tests run on both."""
    return "sqlite"


@pytest.fixture
def keytab(kerberos: Kerberos, tmp_path: Path) -> Path:
    """Of a site with two names; with the key of another service, as those of machines have it."""
    path = tmp_path / "keytab"
    names = ("HTTP/people.example", "HTTP/localhost", "ldap/localhost")
    kerberos.keytab(*names).rename(path)
    return path


@pytest.fixture
def make(make_app: MakeApp, slapd: Slapd, keytab: Path, in_the_realm: None) -> Make:
    """An app with the twelve of Northwind, by these ways to sign in."""

    def of(sign_in: str, **settings: object) -> Flask:
        ours = {"PEOPLE_SIGN_IN": sign_in, "PEOPLE_SPNEGO_KEYTAB": str(keytab)}
        app = make_app(**slapd_settings(slapd) | ours | settings)
        assert app.test_cli_runner().invoke(args=["people", "sync"]).exit_code == 0
        return app

    return of


@pytest.fixture
def both(make: Make) -> Flask:
    """An app that takes tickets, and names with passwords."""
    return make("spnego ldap")


@pytest.fixture
def visit(kerberos: Kerberos, tmp_path: Path) -> Iterator[Visit]:
    """Serves an app, and gives a browser to visit it: of that person, or of nobody."""
    serving = []
    jars = tmp_path / "jars"
    jars.mkdir()

    def to(app: Flask, name: str = "", **ticket: int) -> Curl:
        server = serve(app)
        serving.append(server)
        environment = kerberos.ticket(name, **ticket) if name else kerberos.no_ticket()
        return Curl(server.__enter__(), jars, environment)

    yield to
    for server in serving:
        server.__exit__(None, None, None)


def offers(curl: Curl, header: str) -> tuple[int, str]:
    """The status, and who came in by that header."""
    answer = curl.ask("/people/sign-in", "-H", f"Authorization: {header}")
    if answer.status != 303:
        assert answer.challenges == []
    return answer.status, curl.me()
