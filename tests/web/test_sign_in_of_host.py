"""A host that signs people in itself: its address, its challenge, its login manager."""

from __future__ import annotations

import pytest
from flask import Flask
from flask_login import LoginManager
from flask_wtf.csrf import CSRFProtect
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from intranet_people import IntranetPeople, SettingsError


def test_checked_by_us_where_the_hosts_protection_checks_nothing(host: Flask) -> None:
    host.config["WTF_CSRF_CHECK_DEFAULT"] = False
    CSRFProtect(host)
    IntranetPeople(host, viewer=lambda: "tomas")
    assert host.test_client().post("/people/@dana/follow").status_code == 403


def test_where_the_host_signs_people_in(host: Flask) -> None:
    host.config["PEOPLE_SIGN_IN_URL"] = "/login?from=people"
    IntranetPeople(host, viewer=lambda: None)
    client = host.test_client()
    asked = client.get("/people/search?q=a b&x=/")
    assert asked.location == "/login?from=people&next=/people/search%3Fq%3Da%2520b%26x%3D/"
    assert client.get("/people/", headers={"HX-Request": "true"}).status_code == 401


@pytest.mark.parametrize("url", ["login", "//evil.example", "javascript:alert(1)", "https://"])
def test_what_is_no_place_to_sign_in(host: Flask, url: str) -> None:
    host.config["PEOPLE_SIGN_IN_URL"] = url
    with pytest.raises(SettingsError, match="PEOPLE_SIGN_IN_URL must be a path such as /login"):
        IntranetPeople(host)


def test_the_hosts_challenge_goes_through(host: Flask) -> None:
    IntranetPeople(host, viewer=lambda: None)

    challenge = WWWAuthenticate("negotiate")

    @host.before_request
    def ask() -> None:
        raise Unauthorized(www_authenticate=challenge)

    # As Werkzeug writes it: before 3.1 a blank follows.
    answer = host.test_client().get("/people/")
    assert answer.headers["WWW-Authenticate"] == challenge.to_header()


def test_our_sign_in_in_a_host_that_has_its_own_is_refused(host: Flask) -> None:
    LoginManager(host)
    host.config["PEOPLE_SIGN_IN"] = ["ldap"]
    with pytest.raises(SettingsError, match="leave PEOPLE_SIGN_IN at host"):
        IntranetPeople(host)


def test_the_hosts_login_manager_stays(host: Flask) -> None:
    manager = LoginManager(host)
    manager.user_loader(lambda user_id: None)
    manager.login_view = "login"
    host.add_url_rule("/login", "login", lambda: "log in here")
    IntranetPeople(host)
    assert host.login_manager is manager  # type: ignore[attr-defined]
    assert host.test_client().get("/people/").location.startswith("/login")
