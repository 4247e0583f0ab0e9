"""Whose account is active: by what the server itself writes, and whatever else stands there."""

from datetime import UTC, datetime, timedelta

import pytest

from intranet_people.ldap.accounts import RULES, disabled
from intranet_people.ldap.connection import BindRefused
from intranet_people.ldap.entry import Entry
from intranet_people.ldap.mapping import Schema
from intranet_people.ldap.presets import AD, DS389, FREEIPA, INETORGPERSON, PRESETS

from ..servers.slapd import Slapd
from .conftest import directory_of

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
TODAY = (NOW - datetime(1970, 1, 1, tzinfo=UTC)).days
ALICE = f"uid=alice,ou=people,{Slapd.base_dn}"
POLICY = f"""\
dn: cn=three,{Slapd.base_dn}
objectClass: device
objectClass: pwdPolicy
cn: three
pwdAttribute: userPassword
pwdLockout: TRUE
pwdMaxFailure: 3
"""


def why(schema: Schema, attribute: str, value: bytes) -> str:
    return disabled(Entry("uid=alice", {attribute.lower(): [value]}), schema, NOW)


def file_time(moment: datetime) -> bytes:
    microseconds = (moment - datetime(1601, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    return str(microseconds * 10).encode()


@pytest.mark.parametrize("value", [b"514", b"66050", b"2", b"546", b"4194818"])
def test_disabled_in_active_directory(value: bytes) -> None:
    assert why(AD, "userAccountControl", value) == "disabled (userAccountControl)"


@pytest.mark.parametrize(
    "value", [b"512", b"66048", b"0", b"544", b"-2147483136", b"", b"x", b"\xff"]
)
def test_enabled_in_active_directory(value: bytes) -> None:
    assert why(AD, "userAccountControl", value) == ""


@pytest.mark.parametrize(
    "value",
    [
        b"0",
        b"9223372036854775807",
        b"9223372036854775806",
        b"-1",
        b"",
        b"never",
        b"\xff",
        b"9" * 5000,
    ],
)
def test_accounts_that_never_expire(value: bytes) -> None:
    assert why(AD, "accountExpires", value) == ""


def test_accounts_that_expire() -> None:
    moment = timedelta(seconds=1)
    assert why(AD, "accountExpires", file_time(NOW)) == "expired on 2026-11-23 (accountExpires)"
    assert why(AD, "accountExpires", file_time(NOW + moment)) == ""
    assert why(AD, "accountExpires", b"1") == "expired on 1601-01-01 (accountExpires)"


@pytest.mark.parametrize("value", [b"TRUE", b"true", b"True", b" true "])
@pytest.mark.parametrize("schema", [FREEIPA, DS389])
def test_locked_in_389(schema: Schema, value: bytes) -> None:
    assert why(schema, "nsAccountLock", value) == "locked (nsAccountLock)"


@pytest.mark.parametrize("value", [b"FALSE", b"false", b"", b"0", b"untrue", b"\xff"])
def test_not_locked_in_389(value: bytes) -> None:
    assert why(FREEIPA, "nsAccountLock", value) == ""


@pytest.mark.parametrize(
    ("value", "expired"),
    [
        (b"20261123090000Z", True),
        (b"20261123090001Z", False),
        (b"20261123100000+0200", True),
        (b"20261123080000-0100", True),
        (b"20261123080000-0101", False),
        (b"19700101000000Z", True),
        (b"99991231235959Z", False),
        (b"never", False),
        (b"00000101000000Z", False),
    ],
)
def test_the_end_of_a_principal(value: bytes, expired: bool) -> None:
    assert bool(why(FREEIPA, "krbPrincipalExpiration", value)) == expired
    assert bool(why(INETORGPERSON, "pwdEndTime", value)) == expired


@pytest.mark.parametrize(
    ("days", "expired"),
    [
        (str(TODAY).encode(), True),
        (str(TODAY + 1).encode(), False),
        (b"1", True),
        (b"0", False),
        (b"-1", False),
        (b"99999", False),
        (b"99999999999", False),
        (b"", False),
        (b"soon", False),
    ],
)
def test_days_since_1970(days: bytes, expired: bool) -> None:
    assert bool(why(INETORGPERSON, "shadowExpire", days)) == expired


@pytest.mark.parametrize("schema", PRESETS.values(), ids=list(PRESETS))
def test_every_rule_is_there_and_without_a_value_nobody_is_disabled(schema: Schema) -> None:
    assert set(schema.account.values()) <= set(RULES)
    assert set(schema.account) <= set(schema.attributes)
    assert disabled(Entry("uid=alice", {}), schema, NOW) == ""


def state_of_alice(slapd: Slapd) -> tuple[str, bytes]:
    """Why her account is not active, and the time of the lock."""
    (entry,) = directory_of(slapd).read("(uid=alice)", INETORGPERSON.attributes)
    times = entry.values("pwdAccountLockedTime")
    return disabled(entry, INETORGPERSON, datetime.now(UTC)), b" ".join(times)


@pytest.mark.slapd
def test_wrong_passwords_lock_an_account_and_its_person_stays(changing_slapd: Slapd) -> None:
    changing_slapd.add(POLICY)
    changing_slapd.modify(
        f"dn: {ALICE}\nchangetype: modify\nadd: pwdPolicySubentry\n"
        f"pwdPolicySubentry: cn=three,{changing_slapd.base_dn}\n"
    )
    directory = directory_of(changing_slapd)
    for _ in range(3):
        assert state_of_alice(changing_slapd) == ("", b"")
        with pytest.raises(BindRefused):
            directory.bind(ALICE, "wrong")
    with pytest.raises(BindRefused):
        directory.bind(ALICE, "alice-password")
    why, since = state_of_alice(changing_slapd)
    assert why == ""
    assert since.startswith(b"20")


@pytest.mark.slapd
def test_an_administrator_locks_an_account_for_good(changing_slapd: Slapd) -> None:
    lock = f"dn: {ALICE}\nchangetype: modify\n%s: pwdAccountLockedTime\n"
    changing_slapd.modify(lock % "add" + "pwdAccountLockedTime: 000001010000Z\n")
    assert state_of_alice(changing_slapd) == ("locked (pwdAccountLockedTime)", b"000001010000Z")
    changing_slapd.modify(lock % "delete")
    assert state_of_alice(changing_slapd) == ("", b"")
