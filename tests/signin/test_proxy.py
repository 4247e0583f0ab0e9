"""nginx in front of gunicorn: the configuration of docs/sign-in.md, and ways around it."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from ..conftest import COMPANY
from ..servers import nginx
from ..servers.fixtures import need
from ..servers.gunicorn import Gunicorn
from ..servers.nginx import Nginx

pytestmark = pytest.mark.process
PASSWORDS = {"tomas": "at-the-door", "mallory": "also-here"}


@pytest.fixture(scope="module")
def company(company_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("proxy") / "company.db"
    copy.write_bytes(company_file.read_bytes())
    return copy


@pytest.fixture(scope="module")
def gunicorn(company: Path) -> Iterator[Gunicorn]:
    settings = {k: v if isinstance(v, str) else json.dumps(v) for k, v in COMPANY.items()}
    settings |= {
        "SQLALCHEMY_DATABASE_URI": f"sqlite:///{company}",
        "PEOPLE_SIGN_IN": "header",
        "PEOPLE_SSO_HEADER": "X-Remote-User",
        "PEOPLE_SSO_TRUSTED_PROXIES": nginx.FROM,
    }
    with Gunicorn(settings) as server:
        yield server


@pytest.fixture(scope="module")
def proxy(gunicorn: Gunicorn) -> Iterator[Nginx]:
    need(nginx.missing_package())
    with Nginx(gunicorn.url, PASSWORDS) as server:
        yield server


def me(url: str, name: str = "", password: str = "", **headers: str) -> str:
    """Where /me leads; else the status."""
    if name:
        headers["Authorization"] = "Basic " + b64encode(f"{name}:{password}".encode()).decode()
    opener = urllib.request.build_opener(_NoRedirect)
    request = urllib.request.Request(f"{url}/people/me", headers=headers)
    try:
        return str(opener.open(request, timeout=10).status)
    except urllib.error.HTTPError as e:
        with e:
            return str(e.headers["Location"] or e.code).rpartition("/")[2]


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *rest: object) -> None:
        return None


def test_who_gives_the_password_at_the_door_is_in(proxy: Nginx) -> None:
    assert me(proxy.url, "tomas", "at-the-door") == "@tomas"
    assert me(proxy.url, "tomas", "wrong") == "401"
    assert me(proxy.url) == "401"


def test_who_names_somebody_else_is_who_they_are(proxy: Nginx) -> None:
    for header in ("X-Remote-User", "x-remote-user", "X_Remote_User", "X-Remote_User"):
        assert me(proxy.url, "tomas", "at-the-door", **{header: "amina"}) == "@tomas"
        assert me(proxy.url, "mallory", "also-here", **{header: "amina"}) == "403"


def test_past_the_proxy_the_header_is_worth_nothing(gunicorn: Gunicorn) -> None:
    forged = {"X-Remote-User": "amina"}
    more: list[dict[str, str]] = [
        {},
        {"X-Forwarded-For": nginx.FROM},
        {"Forwarded": f"for={nginx.FROM}"},
        {"X-Real-IP": nginx.FROM},
    ]
    for one in more:
        with suppress(ConnectionError):  # gunicorn takes some for an attack of its own
            assert me(gunicorn.url, **forged, **one) == "401"
    assert "PEOPLE_SSO_TRUSTED_PROXIES does not name: not believed" in gunicorn.log
    assert "amina" not in gunicorn.log
