"""Sign-in by a server in front: what it says is believed, and who else says it is nobody."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.middleware.proxy_fix import ProxyFix

from intranet_people.settings.read import read_settings
from intranet_people.settings.settings import SettingsError
from intranet_people.signin.methods import header
from intranet_people.signin.methods.header import Header, networks

from ..client import token_of
from ..conftest import COMPANY, MakeApp

BY_HEADER = {
    "PEOPLE_SIGN_IN": "header",
    "PEOPLE_SSO_HEADER": "X-Remote-User",
    "PEOPLE_SSO_TRUSTED_PROXIES": ["10.0.5.0/24", "2001:db8::7"],
    "PEOPLE_SSO_STRIP_REALM": "NORTHWIND.EXAMPLE",
}
PROXY = "10.0.5.9"
BLANKS = [
    blank.encode().decode("latin-1") for blank in ("\xa0", "\x85", "\u1680", "\u2028", "\u3000")
]
"""None of them is a blank to HTTP, all of them are to Python."""


@pytest.fixture
def app(open_app: MakeApp, company_url: str) -> Flask:
    return open_app(SQLALCHEMY_DATABASE_URI=company_url, **COMPANY, **BY_HEADER)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def who(client: FlaskClient, name: str, peer: str = PROXY, **headers: str) -> str:
    """Whose profile /me leads to; "" for nobody."""
    answer = client.get(
        "/people/me",
        environ_base={"REMOTE_ADDR": peer},
        headers={"X-Remote-User": name} | headers,
    )
    return str(answer.location).rpartition("@")[2] if answer.status_code == 302 else ""


@pytest.mark.parametrize("name", ["tomas", "Tomas", "tomas@NORTHWIND.EXAMPLE", " tomas "])
def test_whom_the_proxy_names_is_signed_in(client: FlaskClient, name: str) -> None:
    assert who(client, name) == "tomas"
    page = client.get(
        "/people/", environ_base={"REMOTE_ADDR": PROXY}, headers={"X-Remote-User": name}
    ).text
    assert "My profile" in page
    assert "Sign out" not in page  # which is not ours to do


@pytest.mark.parametrize(
    "name",
    [
        "",
        "tomas@ELSEWHERE.EXAMPLE",
        "ELSEWHERE\\tomas",
        "tomas,amina",
        "tomas, tomas",
        "nobody",
        "*",
        "tomas\xff",
        "tom\xe1s",
        "(null)",
        "tomas @NORTHWIND.EXAMPLE",
        " ",
        *(f"tomas{blank}" for blank in BLANKS),
        *(f"tomas{blank}@NORTHWIND.EXAMPLE" for blank in BLANKS),
    ],
)
def test_what_is_no_single_name_of_ours_is_nobody(client: FlaskClient, name: str) -> None:
    assert who(client, name) == ""


@pytest.mark.parametrize(
    "peer",
    ["10.0.6.1", "127.0.0.1", "::1", "2001:db8::8", "2001:db8::", "", "unix:", "nonsense"],
)
def test_from_anywhere_else_it_is_a_forgery(
    client: FlaskClient, caplog: pytest.LogCaptureFixture, peer: str
) -> None:
    caplog.set_level(logging.WARNING)
    header._warn.cache_clear()
    for forged in ({}, {"X-Forwarded-For": PROXY}, {"X-Real-IP": PROXY}, {"Forwarded": PROXY}):
        assert who(client, "amina", peer, **forged) == ""
    said = [r.getMessage() for r in caplog.records if "ignored" in r.getMessage()]
    assert len(said) == 1
    assert "amina" not in caplog.text


@pytest.mark.parametrize("peer", ["10.0.5.0", "10.0.5.255", "2001:db8::7", "::ffff:10.0.5.9"])
def test_from_each_of_the_trusted_peers(client: FlaskClient, peer: str) -> None:
    assert who(client, "tomas", peer) == "tomas"


def test_proxy_fix_changes_nothing(app: Flask) -> None:
    """Neither lets it a visitor in who says they come from the proxy, nor keeps the proxy out."""
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1)  # type: ignore[method-assign]
    client = app.test_client()
    assert who(client, "amina", "203.0.113.5", **{"X-Forwarded-For": PROXY}) == ""
    assert who(client, "tomas", PROXY, **{"X-Forwarded-For": "203.0.113.5"}) == "tomas"


@pytest.mark.parametrize("said", [PROXY, f'"{PROXY}"', f'"{PROXY}",'])
def test_two_of_them_are_not_believed(app: Flask, said: str) -> None:
    """The second takes for the peer what the first one made of the header, quotes or not."""
    app.wsgi_app = ProxyFix(ProxyFix(app.wsgi_app, x_for=1), x_for=1)  # type: ignore[method-assign]
    client = app.test_client()
    assert who(client, "amina", "203.0.113.5", **{"X-Forwarded-For": said}) == ""


def test_without_the_header_one_is_nobody_again(client: FlaskClient) -> None:
    assert who(client, "tomas") == "tomas"
    answer = client.get("/people/", environ_base={"REMOTE_ADDR": PROXY})
    assert answer.status_code == 401


def test_changes_work_and_need_the_token(client: FlaskClient) -> None:
    base: Mapping[str, Any] = {
        "environ_base": {"REMOTE_ADDR": PROXY},
        "headers": {"X-Remote-User": "tomas"},
    }
    page = client.get("/people/@amina", **base).text
    form = {"csrf_token": token_of(page)}
    assert client.post("/people/@amina/follow", **base).status_code == 403
    assert client.post("/people/@amina/follow", data=form, **base).status_code == 303
    assert "Following, unfollow" in client.get("/people/@amina", **base).text


def test_remote_user_of_the_server_itself(open_app: MakeApp, company_url: str) -> None:
    settings = BY_HEADER | {"PEOPLE_SSO_HEADER": "REMOTE_USER"}
    settings["PEOPLE_SSO_TRUSTED_PROXIES"] = ["0.0.0.0/0", "::/0"]
    app = open_app(SQLALCHEMY_DATABASE_URI=company_url, **COMPANY, **settings)
    client = app.test_client()
    there = {"REMOTE_ADDR": "203.0.113.5", "REMOTE_USER": "tomas@NORTHWIND.EXAMPLE"}
    assert client.get("/people/me", environ_base=there).location == "/people/@tomas"
    for forged in ("REMOTE_USER", "Remote-User", "X-Remote-User"):
        assert who(client, "x", **{forged: "amina"}) == ""


def test_a_socket_where_it_is_trusted(open_app: MakeApp, company_url: str) -> None:
    settings = BY_HEADER | {"PEOPLE_SSO_TRUSTED_PROXIES": "unix"}
    client = open_app(SQLALCHEMY_DATABASE_URI=company_url, **COMPANY, **settings).test_client()
    assert who(client, "tomas", "") == "tomas"
    assert who(client, "tomas", "127.0.0.1") == ""


def test_who_is_not_named_gets_the_form(open_app: MakeApp, company_url: str) -> None:
    """Apache names nobody by an empty header, or by a word of its own."""
    settings = BY_HEADER | {"PEOPLE_SIGN_IN": "header ldap"}
    client = open_app(SQLALCHEMY_DATABASE_URI=company_url, **COMPANY, **settings).test_client()
    for nobody in ("", " ", "(null)"):
        answer = client.get(
            "/people/",
            environ_base={"REMOTE_ADDR": PROXY},
            headers={"X-Remote-User": nobody},
        )
        assert answer.location == "/people/sign-in?next=/people/"


def test_header_before_form(open_app: MakeApp, company_url: str) -> None:
    settings = BY_HEADER | {"PEOPLE_SIGN_IN": "header ldap"}
    app = open_app(SQLALCHEMY_DATABASE_URI=company_url, **COMPANY, **settings)
    client = app.test_client()
    assert who(client, "tomas") == "tomas"
    form = client.get("/people/sign-in")
    data = {"name": "nour", "password": "tide-clock", "csrf_token": token_of(form.text)}
    assert client.post("/people/sign-in", data=data).status_code == 303
    assert client.get("/people/me").location == "/people/@nour"
    assert "Sign out" in client.get("/people/").text
    assert who(client, "tomas") == "tomas"


def test_names_in_any_script() -> None:
    one = Header("X-Remote-User", networks(["127.0.0.1"])[0])
    said = "jörg.dreßler".encode().decode("latin-1")
    there = {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_REMOTE_USER": said}
    assert one.viewer(there) == "jörg.dreßler"


@pytest.mark.parametrize("name", ["alice@ANY, bob@ANY", "alice@ANY,OTHER", "bob, ANY\\alice"])
def test_a_list_is_nobody_whatever_its_realms(name: str) -> None:
    one = Header("X-Remote-User", networks(["127.0.0.1"])[0], realms=("*",))
    assert one.viewer({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_REMOTE_USER": name}) is None


def test_any_realm_where_one_says_so() -> None:
    required = {"PEOPLE_LDAP_URI": "ldaps://dc1", "PEOPLE_LDAP_BASE_DN": "dc=x"}
    for value, realms in ((True, ("*",)), ("on", ("*",)), (False, ()), ("CORP", ("CORP",))):
        settings = read_settings(required | {"PEOPLE_SSO_STRIP_REALM": value})
        assert settings.sso_strip_realm == realms


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"TRUSTED_PROXIES": ""}, "PEOPLE_SSO_TRUSTED_PROXIES is missing"),
        ({"TRUSTED_PROXIES": "localhost"}, "has 'localhost'"),
        ({"TRUSTED_PROXIES": "10.0.5.9/24"}, "has host bits set"),
        ({"TRUSTED_PROXIES": "0.0.0.0/0"}, "which is everybody: anybody could send X-Remote-User"),
        ({"TRUSTED_PROXIES": "10.0.0.1 ::/0"}, "::/0, which is everybody"),
        ({"HEADER": "X Remote"}, "PEOPLE_SSO_HEADER must be a header"),
        ({"HEADER": "X_Remote_User"}, "PEOPLE_SSO_HEADER must be a header"),
    ],
)
def test_settings_that_would_let_anybody_in(settings: dict[str, str], complaint: str) -> None:
    required = {"PEOPLE_LDAP_URI": "ldaps://dc1", "PEOPLE_LDAP_BASE_DN": "dc=x"}
    wrong = {f"PEOPLE_SSO_{name}": value for name, value in settings.items()}
    with pytest.raises(SettingsError, match=complaint):
        read_settings(required | BY_HEADER | wrong)
