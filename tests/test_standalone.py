"""The stand-alone app: its settings from the environment, a TOML file, and arguments."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from intranet_people.db.upgrade import upgrade
from intranet_people.demo import company
from intranet_people.settings.settings import SettingsError
from intranet_people.standalone import _from_environment, create_app

from . import SECRET_KEY
from .conftest import plugin_of

Make = Callable[..., Flask]


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """What a container would set at least."""
    return {
        "SECRET_KEY": SECRET_KEY,
        "DATABASE_URL": f"sqlite:///{tmp_path / 'people.db'}",
        "PEOPLE_LDAP_URI": "embedded:intranet_people.demo.company",
        "PEOPLE_LDAP_BASE_DN": company.BASE_DN,
        "PATH": "/usr/bin",
        "PEOPLE_LDAP_BIND_DN": company.SERVICE_DN,
        "PEOPLE_LDAP_BIND_PASSWORD": company.SERVICE_PASSWORD,
    }


@pytest.fixture
def make() -> Iterator[Make]:
    """create_app, with the databases closed after the test."""
    apps: list[Flask] = []

    def made(environ: dict[str, str], **config: Any) -> Flask:
        apps.append(create_app(environ, **config))
        return apps[-1]

    yield made
    for app in apps:
        with app.app_context():
            app.extensions["sqlalchemy"].engine.dispose()


def toml(path: Path, text: str) -> str:
    path.write_text(text, "utf-8")
    return str(path)


def test_the_environment(make: Make, environ: dict[str, str]) -> None:
    app = make(
        environ
        | {
            "PEOPLE_LDAP_TIMEOUT": "3",
            "PEOPLE_LDAP_STARTTLS": "false",
            "PEOPLE_LDAP_ATTRIBUTES": '{"team": "businessCategory"}',
            "PEOPLE_SIGN_IN": '["ldap"]',
            "PEOPLE_COMPANY": "Northwind Instruments",
            "PEOPLE_TIME_ZONE": '"Europe/Oslo"',
        }
    )
    settings = plugin_of(app).settings
    assert settings.ldap_timeout == 3
    assert settings.ldap_starttls is False
    assert settings.ldap_attributes == {"team": "businessCategory"}
    assert settings.company == "Northwind Instruments"
    assert settings.time_zone == "Europe/Oslo"
    assert settings.ldap_bind_password == company.SERVICE_PASSWORD
    assert app.config["SQLALCHEMY_DATABASE_URI"] == environ["DATABASE_URL"]
    assert "PATH" not in app.config


def test_signs_in_by_ldap_unless_told_otherwise(make: Make, environ: dict[str, str]) -> None:
    app = make(environ)
    with app.app_context():
        upgrade(plugin_of(app).session)
    assert plugin_of(app).settings.sign_in == ("ldap",)
    assert app.test_client().get("/").location == "/people/"
    assert app.test_client().get("/people/sign-in").status_code == 200


def test_where_nobody_signs_in_nobody_is_let_in(make: Make, environ: dict[str, str]) -> None:
    app = make(environ | {"PEOPLE_SIGN_IN": "host"})
    with app.app_context():
        upgrade(plugin_of(app).session)
    assert plugin_of(app).settings.sign_in == ("host",)
    client = app.test_client()
    assert client.get("/people/sign-in").status_code == 404
    assert client.get("/people/").status_code == 401


def test_several_uris_in_one_text(make: Make, environ: dict[str, str]) -> None:
    app = make(environ | {"PEOPLE_LDAP_URI": "ldaps://dc1.corp.example ldaps://dc2.corp.example"})
    assert plugin_of(app).directory.uris == ("ldaps://dc1.corp.example", "ldaps://dc2.corp.example")


def test_the_name_of_sqlalchemy_comes_before_the_common_one(
    make: Make, environ: dict[str, str], tmp_path: Path
) -> None:
    uri = f"sqlite:///{tmp_path / 'other.db'}"
    app = make(environ | {"SQLALCHEMY_DATABASE_URI": uri})
    assert app.config["SQLALCHEMY_DATABASE_URI"] == uri


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_the_url_of_a_container_gets_our_driver(scheme: str) -> None:
    found = _from_environment({"DATABASE_URL": f"{scheme}://people:pass://word@db/people"})
    uri = "postgresql+psycopg://people:pass://word@db/people"
    assert found == {"SQLALCHEMY_DATABASE_URI": uri}


@pytest.mark.parametrize("url", ["sqlite:////srv/people.db", "postgresql+pg8000://db/people", "x"])
def test_any_other_url_stays_as_it_is(url: str) -> None:
    assert _from_environment({"DATABASE_URL": url}) == {"SQLALCHEMY_DATABASE_URI": url}


@pytest.mark.parametrize(
    ("setting", "scheme", "is_secure"),
    [
        (None, "http", False),
        (None, "https", True),
        ("true", "http", True),
        ("off", "http", False),
        ("off", "https", True),
    ],
)
def test_a_cookie_given_over_https_is_secure(
    make: Make, environ: dict[str, str], setting: str | None, scheme: str, is_secure: bool
) -> None:
    app = make(environ | ({"SESSION_COOKIE_SECURE": setting} if setting else {}))
    with app.app_context():
        upgrade(plugin_of(app).session)
    answer = app.test_client().get("/people/sign-in", base_url=f"{scheme}://people.corp.example")
    cookie = answer.headers["Set-Cookie"]
    assert ("; Secure" in cookie) is is_secure
    assert "; HttpOnly" in cookie
    assert "; SameSite=Lax" in cookie


def test_a_file_below_the_environment_below_the_arguments(
    make: Make, environ: dict[str, str], tmp_path: Path
) -> None:
    text = """
SECRET_KEY = "of the file"
PEOPLE_COMPANY = "Northwind of the file"
PEOPLE_LDAP_TIMEOUT = 4
PEOPLE_LDAP_PAGE_SIZE = 40
PEOPLE_SIGN_IN = ["host", "ldap"]
[PEOPLE_LDAP_ATTRIBUTES]
team = "businessCategory"
"""
    environ |= {
        "PEOPLE_CONFIG_FILE": toml(tmp_path / "people.toml", text),
        "PEOPLE_LDAP_TIMEOUT": "5",
        "PEOPLE_LDAP_PAGE_SIZE": "50",
    }
    app = make(environ, PEOPLE_LDAP_PAGE_SIZE=60)
    settings = plugin_of(app).settings
    assert (settings.ldap_timeout, settings.ldap_page_size) == (5, 60)
    assert settings.company == "Northwind of the file"
    assert settings.sign_in == ("host", "ldap")
    assert settings.ldap_attributes == {"team": "businessCategory"}
    assert app.secret_key == SECRET_KEY


def test_a_file_that_cannot_be_read_is_named(environ: dict[str, str], tmp_path: Path) -> None:
    broken = toml(tmp_path / "broken.toml", "PEOPLE_COMPANY = Northwind")
    for path, complaint in (
        (str(tmp_path / "missing.toml"), "missing.toml: No such file"),
        (broken, "broken.toml is no TOML"),
        (str(tmp_path), "Is a directory"),
    ):
        with pytest.raises(SettingsError, match=complaint):
            create_app(environ | {"PEOPLE_CONFIG_FILE": path})


def test_what_is_missing_or_unknown_is_named(environ: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=r"(?s)PEOPLE_LDAP_URI is missing.*_BASE_DN is missing"):
        create_app({"SECRET_KEY": SECRET_KEY})
    with pytest.raises(SettingsError, match="PEOPLE_LDAP_TIMEOUT must be a whole number"):
        create_app(environ | {"PEOPLE_LDAP_TIMEOUT": "soon"})
    with pytest.raises(SettingsError, match="SESSION_COOKIE_SECURE must be true or false"):
        create_app(environ | {"SESSION_COOKIE_SECURE": "yes please"})
    with pytest.raises(SettingsError, match="PEOPLE_SHOES is not a setting"):
        create_app(environ | {"PEOPLE_SHOES": "44"})
    del environ["SECRET_KEY"]
    with pytest.raises(SettingsError, match="SECRET_KEY is missing"):
        create_app(environ)


def test_a_command_says_what_is_wrong_without_a_traceback() -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": SECRET_KEY,
        "PEOPLE_LDAP_URL": "ldaps://dc1",
    }
    command = (sys.executable, "-m", "flask", "--app", "wsgi", "people", "sync")
    ended = subprocess.run(
        command,
        cwd=Path(__file__).parents[1],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert "Error: Intranet People cannot start:\n  PEOPLE_LDAP_URL is not" in ended.stderr
    assert "do you mean PEOPLE_LDAP_URI?" in ended.stderr
    assert "Traceback" not in ended.stderr
