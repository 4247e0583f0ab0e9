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
from ..servers.fixtures import need
from ..servers.gunicorn import gunicorn
from ..servers.nginx import FROM, missing_package, nginx

pytestmark = pytest.mark.process
PASSWORDS = {"tomas": "at-the-door", "mallory": "also-here"}


@pytest.fixture(scope="module")
def company(company_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("proxy") / "company.db"
    copy.write_bytes(company_file.read_bytes())
    return copy


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What gunicorn and the app say."""
    return tmp_path_factory.mktemp("gunicorn") / "log"


@pytest.fixture(scope="module")
def app(company: Path, log: Path) -> Iterator[str]:
    settings = {k: v if isinstance(v, str) else json.dumps(v) for k, v in COMPANY.items()}
    settings |= {
        "SQLALCHEMY_DATABASE_URI": f"sqlite:///{company}",
        "PEOPLE_SIGN_IN": "header",
        "PEOPLE_SSO_HEADER": "X-Remote-User",
        "PEOPLE_SSO_TRUSTED_PROXIES": FROM,
    }
    with gunicorn(log.parent, settings) as url:
        yield url


@pytest.fixture(scope="module")
def proxy(app: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    need(missing_package())
    with nginx(tmp_path_factory.mktemp("nginx"), app, PASSWORDS) as url:
        yield url


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


def test_who_gives_the_password_at_the_door_is_in(proxy: str) -> None:
    assert me(proxy, "tomas", "at-the-door") == "@tomas"
    assert me(proxy, "tomas", "wrong") == "401"
    assert me(proxy) == "401"


def test_who_names_somebody_else_is_who_they_are(proxy: str) -> None:
    for header in ("X-Remote-User", "x-remote-user", "X_Remote_User", "X-Remote_User"):
        assert me(proxy, "tomas", "at-the-door", **{header: "amina"}) == "@tomas"
        assert me(proxy, "mallory", "also-here", **{header: "amina"}) == "403"


def test_whom_another_server_has_checked_is_in(proxy: str) -> None:
    """By `auth_request`: what the browser claims beside it counts for nothing."""
    assert me(f"{proxy}/asked") == "@tomas"
    assert me(f"{proxy}/asked", "amina", "whatever") == "@tomas"
    assert me(f"{proxy}/asked", **{"X-Remote-User": "amina", "X-User": "amina"}) == "@tomas"


def test_past_the_proxy_the_header_is_worth_nothing(app: str, log: Path) -> None:
    forged = {"X-Remote-User": "amina"}
    more: list[dict[str, str]] = [
        {},
        {"X-Forwarded-For": FROM},
        {"Forwarded": f"for={FROM}"},
        {"X-Real-IP": FROM},
    ]
    for one in more:
        with suppress(ConnectionError):  # gunicorn takes some for an attack of its own
            assert me(app, **forged, **one) == "401"
    said = log.read_text(errors="replace")
    assert "PEOPLE_SSO_TRUSTED_PROXIES does not name: ignored" in said
    assert "amina" not in said
