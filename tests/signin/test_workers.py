"""Tickets at two workers of gunicorn, with one memory between them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ..conftest import MakeApp, slapd_settings
from ..servers.gunicorn import gunicorn
from ..servers.kerberos import Kerberos
from ..servers.slapd import Slapd
from .tickets import NEEDS_GSSAPI, Curl, negotiate

pytestmark = [pytest.mark.kerberos, pytest.mark.slapd, pytest.mark.process, NEEDS_GSSAPI]
OPTIONS = "--limit-request-field_size 65536 --access-logfile - --access-logformat 'worker=%(p)s'"


@pytest.fixture
def backend() -> str:
    return "sqlite"


@pytest.fixture
def site(
    make_app: MakeApp,
    database_url: str,
    slapd: Slapd,
    kerberos: Kerberos,
    in_the_realm: None,
    tmp_path: Path,
) -> Iterator[str]:
    app = make_app(**slapd_settings(slapd))
    assert app.test_cli_runner().invoke(args=["people", "sync"]).exit_code == 0
    settings = slapd_settings(slapd) | {
        "SQLALCHEMY_DATABASE_URI": database_url,
        "PEOPLE_SIGN_IN": "spnego ldap",
        "PEOPLE_SPNEGO_KEYTAB": str(kerberos.keytab("HTTP/localhost")),
        "GUNICORN_CMD_ARGS": OPTIONS,
    }
    texts = {k: v if isinstance(v, str) else json.dumps(v) for k, v in settings.items()}
    with gunicorn(tmp_path, texts | kerberos.environment) as url:
        yield url


def test_a_ticket_is_good_once_at_all_workers(
    site: str, kerberos: Kerberos, tmp_path: Path
) -> None:
    alice = kerberos.ticket("alice")
    jars = tmp_path / "jars"
    jars.mkdir()

    def offer(header: str) -> int:
        curl = Curl(site, jars, kerberos.no_ticket())
        return curl.ask("/people/sign-in", "-H", f"Authorization: {header}").status

    for _ in range(3):
        with ThreadPoolExecutor(4) as at_once:
            answers = list(at_once.map(offer, [negotiate(alice)] * 8))
        assert sorted(answers) == [303] + [401] * 7
    said = (tmp_path / "log").read_text()
    assert len({line for line in said.splitlines() if line.startswith("worker=")}) == 2
    assert "refused: Request is a replay" in said


def test_a_session_holds_at_all_workers(site: str, kerberos: Kerberos, tmp_path: Path) -> None:
    curl = Curl(site, tmp_path, kerberos.ticket("alice"))
    curl.get("/people/", "-L")
    assert {curl.me() for _ in range(8)} == {"alice"}


def test_a_header_as_long_as_tickets_are(site: str, kerberos: Kerberos, tmp_path: Path) -> None:
    curl = Curl(site, tmp_path, kerberos.no_ticket())
    (tmp_path / "header").write_text("Authorization: Negotiate " + "YIIC" * 15_000)
    answer = curl.ask("/people/sign-in", "-H", f"@{tmp_path / 'header'}")
    assert (answer.status, answer.challenges) == (401, [])
