"""Whose account is not active has left, and is back with it: by what the directory itself says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from ..conftest import MakeApp, sign_in, slapd_settings
from ..servers.slapd import NORTHWIND, Slapd
from ..servers.slapd_conf import NIS_SCHEMA
from .conftest import active, change, command, follows, found, last, lets_follow, people

pytestmark = pytest.mark.slapd
TODAY = (datetime.now(UTC) - datetime(1970, 1, 1, tzinfo=UTC)).days
GOOD = "000001010000Z"
"""A lock for good (draft-behera-ldap-password-policy-10, 5.3.3)."""
POLICY = f"""\
dn: cn=brief,{Slapd.base_dn}
objectClass: device
objectClass: pwdPolicy
cn: brief
pwdAttribute: userPassword
pwdLockout: TRUE
pwdMaxFailure: 1
"""


@pytest.fixture(scope="module", name="shadow")
def _shadow(slapd: Slapd, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    """Where every account may expire (RFC 2307)."""
    ldif = tmp_path_factory.mktemp("shadow") / "shadow.ldif"
    person = "objectClass: inetOrgPerson\n"
    text = NORTHWIND.read_text("utf-8")
    ldif.write_text(text.replace(person, f"{person}objectClass: shadowAccount\n"), "utf-8")
    with Slapd(ldif, schema_lines=NIS_SCHEMA) as server:
        yield server


@pytest.fixture
def slapd_with_shadow(shadow: Slapd) -> Iterator[Slapd]:
    """That one, restored afterwards."""
    yield shadow
    shadow.restore()


def counted(app: Flask, *options: str) -> dict[str, int]:
    """What a sync counts but for the zeros, and for those who are as before."""
    ended = command(app, "sync", *options)
    assert ended.exit_code == 0, ended.output
    return {k: n for k, n in last(app).counts.items() if n and k != "unchanged"}


@pytest.mark.parametrize("options", [[], ["--full"]], ids=["changes", "full"])
def test_an_account_that_expired(
    make_app: MakeApp, slapd_with_shadow: Slapd, options: list[str]
) -> None:
    slapd = slapd_with_shadow
    app = make_app(**slapd_settings(slapd))
    for uid, day in (("alice", TODAY + 30), ("joerg", -1), ("kenji", 0)):
        slapd.modify(change(uid, "replace: shadowExpire", f"shadowExpire: {day}"))
    assert counted(app)["joined"] == 12
    lets_follow(app, "bob", "alice")
    alice, followed = people(app)["alice"].id, follows(app)

    slapd.modify(change("alice", "replace: shadowExpire", f"shadowExpire: {TODAY - 1}"))
    gone = counted(app, *options)
    assert (gone["left"], gone["disabled"]) == (1, 1)
    assert "alice" not in active(app)
    assert len(active(app)) == 11
    assert "left" not in counted(app, *options)

    slapd.modify(change("alice", "delete: shadowExpire"))
    assert counted(app, *options)["returned"] == 1
    assert people(app)["alice"].id == alice
    assert len(active(app)) == 12
    assert follows(app) == followed


@pytest.mark.parametrize("backend", ["sqlite"])
def test_an_account_whose_last_day_passes(
    make_app: MakeApp, slapd_with_shadow: Slapd, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which is no change of the entry: the full run, once a day, finds it."""
    slapd_with_shadow.modify(change("bob", "add: shadowExpire", f"shadowExpire: {TODAY + 2}"))
    app = make_app(**slapd_settings(slapd_with_shadow))
    assert counted(app)["joined"] == 12
    monkeypatch.setattr(
        "intranet_people.sync.compare.now", lambda: datetime.now(UTC) + timedelta(days=3)
    )
    assert counted(app) == {}
    assert counted(app, "--full") == {"read": 12, "left": 1, "disabled": 1}
    assert "bob" not in active(app)


@pytest.mark.parametrize("options", [[], ["--full"]], ids=["changes", "full"])
def test_who_is_locked_by_an_administrator_and_unlocked(
    synced: Flask, changing: Slapd, options: list[str]
) -> None:
    lets_follow(synced, "bob", "alice")
    alice, followed = people(synced)["alice"].id, follows(synced)
    changing.modify(change("alice", "add: pwdAccountLockedTime", f"pwdAccountLockedTime: {GOOD}"))
    gone = counted(synced, *options)
    assert (gone["left"], gone["disabled"]) == (1, 1)
    assert "alice" not in active(synced)
    assert found(synced, "alice") == []
    changing.modify(change("alice", "delete: pwdAccountLockedTime"))
    assert counted(synced, *options)["returned"] == 1
    assert people(synced)["alice"].id == alice
    assert found(synced, "alice") == ["alice"]
    assert follows(synced) == followed


def test_who_mistyped_a_password_has_not_left(synced: Flask, changing: Slapd) -> None:
    """The server locks the account for a time, and writes when it did so."""
    changing.add(POLICY)
    policy = f"pwdPolicySubentry: cn=brief,{Slapd.base_dn}"
    changing.modify(change("alice", "add: pwdPolicySubentry", policy))
    for _ in range(2):
        with pytest.raises(AssertionError, match="403"):
            sign_in(synced.test_client(), "alice", "wrong")
    locked = "(&(uid=alice)(pwdAccountLockedTime=*))"
    assert changing.search_count(locked) == 1
    for options in ([], ["--full"]):
        assert "left" not in counted(synced, *options)
        assert len(active(synced)) == 12


def test_a_leavers_session_ends_with_the_sync(synced: Flask, changing: Slapd) -> None:
    alice, bob = synced.test_client(), synced.test_client()
    sign_in(alice, "alice", "alice-password")
    sign_in(bob, "bob", "bob-password")
    changing.modify(change("alice", "add: pwdAccountLockedTime", f"pwdAccountLockedTime: {GOOD}"))
    assert alice.get("/people/me").location == "/people/@alice"
    assert counted(synced)["left"] == 1
    assert "/people/sign-in" in alice.get("/people/me").location
    assert alice.get("/people/@bob").status_code == 302
    assert bob.get("/people/me").location == "/people/@bob"


@pytest.mark.parametrize("options", [[], ["--full"]], ids=["changes", "full"])
def test_a_manager_who_is_back_has_their_reports_again(
    synced: Flask, changing: Slapd, options: list[str]
) -> None:
    dana = people(synced)["dana"].id
    changing.modify(change("dana", "add: pwdAccountLockedTime", f"pwdAccountLockedTime: {GOOD}"))
    counted(synced, *options)
    assert people(synced)["alice"].manager_id is None
    changing.modify(change("dana", "delete: pwdAccountLockedTime"))
    assert counted(synced, *options)["returned"] == 1
    assert people(synced)["dana"].is_active
    assert people(synced)["alice"].manager_id == dana
