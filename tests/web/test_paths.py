"""Addresses: which are on this site, and that none depends on what a request says of its host."""

from __future__ import annotations

import pytest
from flask import Flask
from flask_login import LoginManager

from intranet_people import IntranetPeople
from intranet_people.web.render import current_path
from intranet_people.web.security import safe_path

from ..client import Browser


@pytest.mark.parametrize("path", ["/", "/people/", "/people/search?q=a%20b", "/a#b", "/å"])
def test_paths_on_this_site(path: str) -> None:
    assert safe_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        None,
        "",
        "people",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "\t//evil.example",
        " //evil.example",
        "https://evil.example",
        "https:/evil.example",
        "javascript:alert(1)",
        "/ /evil.example",
        "/\x7f/evil.example",
    ],
)
def test_paths_to_elsewhere(path: str | None) -> None:
    assert safe_path(path) is None


def test_below_another_path(host: Flask) -> None:
    """Where the whole host is mounted below a path (SCRIPT_NAME), we lead back below it."""
    IntranetPeople(host, viewer=lambda: None)
    LoginManager(host).login_view = "login"
    host.config["PEOPLE_SIGN_IN"] = ["ldap"]
    with host.test_request_context("/people/@dana?q=%C3%A5", base_url="http://x/intra"):
        assert current_path() == "/intra/people/@dana?q=%C3%A5"


def test_no_page_believes_what_host_it_is_on(company_app: Flask) -> None:
    """Links and redirects are paths: who sends another Host header finds it nowhere."""
    signed_in = Browser(company_app, "tomas").client.get_cookie("session")
    assert signed_in
    client = company_app.test_client(use_cookies=False)
    headers = {
        "Host": "evil.example",
        "X-Forwarded-Host": "evil.example",
        "Forwarded": "host=evil.example",
        "Cookie": f"session={signed_in.value}",
    }
    for path in ("", "search?q=dana", "@dana", "@dana/card", "@dana/photo", "me", "meetings"):
        answer = client.get(f"/people/{path}", headers=headers)
        assert answer.status_code in (200, 302), path
        assert "evil.example" not in answer.text + str(answer.headers), path
    for path in ("", "@dana", "sign-in", "nowhere"):  # to a stranger
        answer = client.get(f"/people/{path}", headers=headers | {"Cookie": ""})
        assert "evil.example" not in answer.text + str(answer.headers), path
