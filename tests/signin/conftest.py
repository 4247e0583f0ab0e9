"""A stand-alone app over the real directory, synced, and how a browser would sign in."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ..client import token_of
from ..conftest import COMPANY
from ..servers import apache
from ..servers.gunicorn import gunicorn
from ..servers.slapd import Slapd

FORM = "/people/sign-in"
PEOPLE_DN = f"ou=people,{Slapd.base_dn}"
_LOCK = f"dn: uid={{}},{PEOPLE_DN}\nchangetype: modify\n{{}}: pwdAccountLockedTime\n"


@pytest.fixture
def synced(app: Flask) -> Flask:
    """The twelve of Northwind."""
    assert app.test_cli_runner().invoke(args=["people", "sync"]).exit_code == 0
    return app


@pytest.fixture
def client(synced: Flask) -> FlaskClient:
    return synced.test_client()


def token(client: FlaskClient) -> str:
    """The one that the sign-in form carries just now."""
    return token_of(client.get(FORM).text)


def tries(client: FlaskClient, name: str, password: str, **more: str) -> TestResponse:
    """The form, filled in and sent."""
    form = {"name": name, "password": password, "csrf_token": token(client)}
    return client.post(FORM, data=form | more)


def lock(slapd: Slapd, uid: str) -> None:
    """Takes an account out of use."""
    slapd.modify(_LOCK.format(uid, "add") + "pwdAccountLockedTime: 000001010000Z\n")


def unlock(slapd: Slapd, uid: str) -> None:
    slapd.modify(_LOCK.format(uid, "delete"))


def is_signed_in(client: FlaskClient) -> bool:
    return client.get("/people/me").status_code == 302 and "sign-in" not in str(
        client.get("/people/me").location
    )


@pytest.fixture(scope="session")
def behind_apache(company_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The sample company in gunicorn, which takes from Apache who it is; headers with `_` too."""
    folder = tmp_path_factory.mktemp("behind-apache")
    company = folder / "company.db"
    company.write_bytes(company_file.read_bytes())
    settings = {k: v if isinstance(v, str) else json.dumps(v) for k, v in COMPANY.items()}
    settings |= {
        "SQLALCHEMY_DATABASE_URI": f"sqlite:///{company}",
        "PEOPLE_SIGN_IN": "header",
        "PEOPLE_SSO_HEADER": "X-Remote-User",
        "PEOPLE_SSO_TRUSTED_PROXIES": apache.FROM,
        "PEOPLE_SSO_STRIP_REALM": "EXAMPLE.TEST",
        "GUNICORN_CMD_ARGS": "--header-map dangerous",
    }
    with gunicorn(folder, settings) as url:
        yield url
