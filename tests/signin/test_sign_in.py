"""Names and passwords: who comes in, and what the others and the operator are told."""

import json
import logging
import time
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import escape as html

from intranet_people.signin.views import DOWN, REFUSED

from ..conftest import sign_in
from ..servers.slapd import Slapd
from .conftest import is_signed_in, tries

pytestmark = pytest.mark.slapd
CORPORA = Path(__file__).parents[2].parent / "shared/corpora"
PEOPLE_DN = f"ou=people,{Slapd.base_dn}"
NO_NAMES = (
    "*",
    "al*",
    "alice)(uid=*",
    "alice\0",
    "\\61lice",
    "uid=alice",
    "a" * 257,
    "🔑",
    "\u202ealice",
)


def without_name(page: str, name: str) -> str:
    """The page without what differs from one try to the next: the name and the token."""
    before, _, after = page.partition('name="csrf_token" value="')
    return (before + after.partition('"')[2]).replace(f'value="{html(name)}"', "")


def test_right(synced: Flask) -> None:
    for name in ("alice", "ALICE", "  alice  "):
        client = synced.test_client()
        answer = tries(client, name, "alice-password")
        assert (answer.status_code, answer.location) == (303, "/people/")
        assert client.get("/people/me").location == "/people/@alice"


def test_wrong_password_and_unknown_name_are_told_the_same(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    pages = {}
    for name, password in (("alice", "wrong"), ("nobody", "wrong")):
        answer = tries(client, name, password)
        assert answer.status_code == 403
        assert html(REFUSED) in answer.text
        pages[without_name(answer.text, name)] = name
        assert not is_signed_in(client)
    assert len(pages) == 1
    for name, password in (("alice", ""), ("nobody", ""), ("", "")):
        pages[without_name(tries(client, name, password).text, name)] = name
    assert len(pages) == 2, "and without a password, which is no try"
    # The operator is told which it was.
    log = [r.getMessage() for r in caplog.records if r.name.startswith("intranet_people.signin")]
    assert "the directory refused the password: invalidCredentials" in log[0]
    assert "no entries have that name" in log[1]
    assert "empty name or password" in log[2]
    for secret in ("wrong", "alice", "nobody"):
        assert secret not in caplog.text


def test_a_directory_that_is_down_is_no_failed_sign_in(
    synced: Flask, changing_slapd: Slapd, caplog: pytest.LogCaptureFixture
) -> None:
    inside, outside = synced.test_client(), synced.test_client()
    sign_in(inside, "bob", "bob-password")
    changing_slapd.stop()
    answer = tries(outside, "alice", "alice-password")
    assert answer.status_code == 503
    assert html(DOWN) in answer.text
    assert html(REFUSED) not in answer.text
    (record,) = (r for r in caplog.records if r.levelno == logging.ERROR)
    assert "Nobody can sign in: no directory server answers" in record.getMessage()
    assert is_signed_in(inside)
    assert inside.get("/people/@alice").status_code == 200
    changing_slapd.start()
    sign_in(outside, "alice", "alice-password")


def test_a_directory_that_falls_silent_is_down_in_time(
    synced: Flask, changing_slapd: Slapd
) -> None:
    client = synced.test_client()
    object.__setattr__(synced.extensions["intranet_people"].settings, "ldap_timeout", 1)
    changing_slapd.pause()
    began = time.monotonic()
    assert tries(client, "alice", "alice-password").status_code == 503
    assert time.monotonic() - began < 5


def test_a_name_of_two_entries_is_refused(
    client: FlaskClient, changing_slapd: Slapd, caplog: pytest.LogCaptureFixture
) -> None:
    changing_slapd.modify(f"dn: uid=bob,{PEOPLE_DN}\nchangetype: modify\nadd: uid\nuid: alice\n")
    for password in ("alice-password", "bob-password"):
        answer = tries(client, "alice", password)
        assert answer.status_code == 403
        assert html(REFUSED) in answer.text
    assert "refused: 2 entries have that name" in caplog.text
    assert "alice" not in caplog.text
    assert tries(client, "bob", "bob-password").status_code == 303


def test_only_the_whole_name_is_a_name(client: FlaskClient) -> None:
    for name in NO_NAMES:
        answer = tries(client, name, "alice-password")
        assert answer.status_code == 403, name
        assert html(REFUSED) in answer.text


@pytest.mark.skipif(not CORPORA.is_dir(), reason="the corpus shared/corpora is not here")
def test_no_naughty_string_signs_anybody_in(synced: Flask) -> None:
    client = synced.test_client()
    object.__setattr__(synced.extensions["intranet_people"].settings, "sign_in_tries", 1000)
    strings = (CORPORA / "ldap-injection/fuzz-small.txt").read_text("utf-8", "replace").splitlines()
    strings += json.loads((CORPORA / "blns.json").read_text("utf-8"))[::40]
    for n, string in enumerate(filter(str.strip, strings)):
        name, password = (string, "alice-password") if n % 2 else ("alice", string)
        answer = tries(client, name, password)
        assert answer.status_code == 403, string
        assert html(REFUSED) in answer.text
    assert not is_signed_in(client)


def test_the_name_is_kept_as_text_in_the_form(client: FlaskClient) -> None:
    answer = tries(client, '"><script>', "secret-password")
    assert "&#34;&gt;&lt;script&gt;" in answer.text
    assert "secret-password" not in answer.text
