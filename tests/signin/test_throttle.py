"""Guessing is slowed, for a name and from an address, by whichever worker it goes through."""

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from unittest.mock import patch

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import escape as html
from sqlalchemy import func, select

from intranet_people.clock import now
from intranet_people.ldap.connection import BindRefused, Directory
from intranet_people.signin.throttle import PER_ADDRESS, LoginAttempt, Throttle, Throttled, _network
from intranet_people.signin.views import DOWN, LEFT, PAUSED

from ..conftest import MakeApp, plugin_of, slapd_settings
from ..servers.slapd import Slapd
from .conftest import FORM, is_signed_in, lock, token, tries, unlock

pytestmark = pytest.mark.slapd
TRIES = 4
PAUSE = timedelta(minutes=10)


@pytest.fixture
def asked() -> Iterator[list[str]]:
    """The DNs for which the directory was asked about a password."""
    dns: list[str] = []
    bind = Directory.bind

    def noted(self: Directory, dn: str, password: str) -> None:
        dns.append(dn)
        bind(self, dn, password)

    with patch.object(Directory, "bind", noted):
        yield dns


def guess(client: FlaskClient, name: str, times: int) -> list[int]:
    return [tries(client, name, f"wrong {n}").status_code for n in range(times)]


def test_after_some_wrong_passwords_the_directory_is_not_asked(
    synced: Flask, asked: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    assert guess(synced.test_client(), "alice", TRIES) == [403] * TRIES
    asked.clear()
    client = synced.test_client()
    answer = tries(client, "alice", "alice-password")
    assert answer.status_code == 429
    assert html(PAUSED) in answer.text
    assert answer.headers["Retry-After"] == "600"
    assert 'value="alice"' in answer.text
    assert not is_signed_in(client)
    assert asked == []
    assert "paused: too many wrong passwords for one name" in caplog.text
    assert "alice" not in caplog.text
    assert tries(client, "bob", "bob-password").status_code == 303


@pytest.mark.parametrize("name", ["ALICE", "  alice ", "alice"])
def test_however_the_name_is_written(synced: Flask, name: str) -> None:
    client = synced.test_client()
    guess(client, "Alice", TRIES)
    assert tries(client, name, "alice-password").status_code == 429


def test_a_name_that_nobody_has_is_treated_alike(synced: Flask, asked: list[str]) -> None:
    client = synced.test_client()
    assert guess(client, "nobody", TRIES + 1) == [403] * TRIES + [429]
    assert guess(client, "NoBody", 1) == [429]
    assert len(asked) == TRIES


def test_how_many_are_left(synced: Flask, changing_slapd: Slapd) -> None:
    """The same for who is there, who is not, and an account out of use."""
    lock(changing_slapd, "bob")
    said = {}
    for name, other in (("alice", "ALICE"), ("nobody", "nobody"), ("bob", "bob")):
        client = synced.test_client()
        texts = [tries(client, n, "wrong").text for n in (name, other, name, name)]
        said[name] = [
            next((n for n, left in enumerate(LEFT) if html(left) in t), None) for t in texts
        ]
    unlock(changing_slapd, "bob")
    assert list(said.values()) == [[3, 2, 1, 0]] * 3


def test_of_many_tries_nothing_is_said_at_first(make_app: MakeApp, slapd: Slapd) -> None:
    app = make_app(**slapd_settings(slapd), PEOPLE_SIGN_IN_TRIES=6)
    client = app.test_client()
    texts = [tries(client, "alice", "wrong").text for _ in range(3)]
    assert [html(LEFT[3]) in text for text in texts] == [False, False, True]


def test_ten_minutes_later(synced: Flask) -> None:
    client = synced.test_client()
    guess(client, "alice", TRIES)
    with patch("intranet_people.signin.throttle.now", lambda: now() + PAUSE):
        assert tries(client, "alice", "alice-password").status_code == 303
    with synced.app_context():
        counts = plugin_of(synced).session.scalars(select(LoginAttempt.count)).all()
    assert list(counts) == []


def test_the_right_password_forgets_the_wrong_ones(synced: Flask) -> None:
    for _ in range(3):
        client = synced.test_client()
        assert guess(client, "alice", TRIES - 1) == [403] * (TRIES - 1)
        assert tries(client, "alice", "alice-password").status_code == 303


def test_a_directory_that_is_down_is_no_guess(synced: Flask, changing_slapd: Slapd) -> None:
    client = synced.test_client()
    changing_slapd.stop()
    for _ in range(TRIES + 1):
        answer = tries(client, "alice", "alice-password")
        assert answer.status_code == 503
        assert html(DOWN) in answer.text
    changing_slapd.start()
    assert tries(client, "alice", "alice-password").status_code == 303


def test_an_address_that_tries_one_name_after_the_other(synced: Flask) -> None:
    with synced.app_context():
        session = plugin_of(synced).session

        def one(address: str, name: str) -> None:
            guesses = Throttle(session, "secret", 2, PAUSE)
            guesses.of_address(address)
            guesses.of_name(name)

        for n in range(2 * PER_ADDRESS):
            one(f"2001:db8::{n + 1}", f"name {n}")
        with pytest.raises(Throttled, match="for one address"):
            one("2001:db8::ffff:1", "another")
        one("2001:db8:0:1::1", "another")
        one("192.0.2.1", "another one")
        keys = session.scalars(select(LoginAttempt.key)).all()
        assert not any("name" in key or "2001:" in key for key in keys)
        with patch("intranet_people.signin.throttle.now", lambda: now() + PAUSE + timedelta(1)):
            one("192.0.2.1", "later")
        assert session.scalar(select(func.count()).select_from(LoginAttempt)) == 2


def test_many_at_once_are_not_all_let_through(synced: Flask) -> None:
    """Each in a session of its own, as each worker has; the directory takes its time."""

    def one(n: int) -> str:
        with synced.app_context():
            guesses = Throttle(plugin_of(synced).session, "secret", TRIES, PAUSE)
            try:
                guesses.of_name("alice")
            except Throttled:
                return "paused"
            return "asked"

    with ThreadPoolExecutor(8) as workers:
        said = list(workers.map(one, range(20)))
    assert said.count("asked") == TRIES


def test_wrong_ones_are_forgotten_only_after_a_pause(synced: Flask) -> None:
    """So that a directory that counts as long never sees more, whenever they come."""
    client = synced.test_client()
    said = []
    for minutes in (0, 4, 8, 12, 16, 20, 21, 23):
        later = timedelta(minutes=minutes)
        with patch("intranet_people.signin.throttle.now", lambda later=later: now() + later):
            said += guess(client, "alice", 1)
    assert said == [403] * TRIES + [429] * 3 + [403]


def test_behind_a_server_in_front_an_address_is_nobodys(synced: Flask) -> None:
    object.__setattr__(synced.extensions["intranet_people"].settings, "sign_in_tries", 1)
    with patch("intranet_people.signin.throttle.PER_ADDRESS", 3):
        for peer, said in (("127.0.0.1", 303), ("::1", 303), ("", 303), ("203.0.113.5", 429)):
            client = synced.test_client()
            base = {"REMOTE_ADDR": peer}
            for n in range(4):
                form = {"name": f"n{n} {peer}", "password": "no", "csrf_token": token(client)}
                client.post(FORM, data=form, environ_base=base)
            form = {"name": "bob", "password": "bob-password", "csrf_token": token(client)}
            assert client.post(FORM, data=form, environ_base=base).status_code == said, peer


def test_ipv4_in_the_dress_of_ipv6_is_ipv4() -> None:
    """As a server that listens on [::] names its peers."""
    seen = ("::ffff:203.0.113.9", "::ffff:10.0.0.1", "203.0.113.9", "::ffff:127.0.0.1")
    assert [_network(a) for a in seen] == ["203.0.113.9", "10.0.0.1", "203.0.113.9", ""]


def test_the_number_is_a_setting(make_app: MakeApp, slapd: Slapd) -> None:
    app = make_app(**slapd_settings(slapd), PEOPLE_SIGN_IN_TRIES=1)
    assert guess(app.test_client(), "alice", 2) == [403, 429]


def test_what_locks_accounts_is_never_reached(
    synced: Flask, changing_slapd: Slapd, caplog: pytest.LogCaptureFixture
) -> None:
    """A directory that locks after five wrong passwords still takes the right one."""
    caplog.set_level(logging.WARNING)
    changing_slapd.add(
        f"dn: cn=five,{Slapd.base_dn}\nobjectClass: device\nobjectClass: pwdPolicy\ncn: five\n"
        "pwdAttribute: userPassword\npwdLockout: TRUE\npwdMaxFailure: 5\n"
        "pwdFailureCountInterval: 600\n"
    )
    alice = f"uid=alice,ou=people,{Slapd.base_dn}"
    changing_slapd.modify(
        f"dn: {alice}\nchangetype: modify\nadd: pwdPolicySubentry\n"
        f"pwdPolicySubentry: cn=five,{Slapd.base_dn}\n"
    )
    client = synced.test_client()
    for minutes in range(0, 19, 3):
        later = timedelta(minutes=minutes)
        with patch("intranet_people.signin.throttle.now", lambda later=later: now() + later):
            guess(client, "alice", 3 if minutes == 9 else 1)
    with synced.app_context():
        directory = plugin_of(synced).directory
    try:
        directory.bind(alice, "alice-password")
    except BindRefused as e:
        pytest.fail(f"locked out: {e}")
