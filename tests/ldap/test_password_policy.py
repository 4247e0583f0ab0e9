"""Why a password is not taken: what servers say of it, and what is nonsense."""

import pytest

from intranet_people.ldap import ber
from intranet_people.ldap.connection import BindRefused
from intranet_people.ldap.password_policy import CONTROL, EXPIRED, LOCKED, MUST_CHANGE, why

from ..servers.slapd import Slapd
from .conftest import directory_of

OF_AD = "invalidCredentials 80090308: LdapErr: DSID-0C09041C, comment: AcceptSecurityContext error,"
ALICE = f"uid=alice,ou=people,{Slapd.base_dn}"


def answered(*parts: bytes) -> dict[str, object]:
    return {CONTROL: {"value": ber.element(ber.SEQUENCE, b"".join(parts))}}


@pytest.mark.parametrize(
    ("data", "said"),
    [("532", EXPIRED), ("773", MUST_CHANGE), ("775", LOCKED), ("52e", ""), ("525", ""), ("", "")],
)
def test_active_directory_says_it_in_a_number(data: str, said: str) -> None:
    assert why(f"{OF_AD} data {data}, v1db1", None) == said


@pytest.mark.parametrize(("number", "said"), [(0, EXPIRED), (1, LOCKED), (2, MUST_CHANGE), (3, "")])
def test_others_say_it_in_a_control(number: int, said: str) -> None:
    warning = ber.element(0xA0, ber.integer(100, 0x80))
    assert why("invalidCredentials", answered(ber.integer(number, 0x81))) == said
    assert why("invalidCredentials", answered(warning, ber.integer(number, 0x81))) == said


@pytest.mark.parametrize(
    "controls",
    [
        None,
        {},
        {CONTROL: None},
        {CONTROL: {"value": None}},
        {CONTROL: {"value": b""}},
        {CONTROL: {"value": b"\x30\x80"}},
        {CONTROL: {"value": "text"}},
        answered(),
        answered(b"\x81\x00"),
        answered(b"\x81"),
        {"1.2.3": {"value": b"\x30\x03\x81\x01\x01"}},
    ],
)
def test_nothing_and_nonsense_say_nothing(controls: object) -> None:
    assert why("invalidCredentials", controls) == ""


@pytest.mark.slapd
def test_a_password_that_an_administrator_has_set(changing_slapd: Slapd) -> None:
    """slapd takes it, and nothing but a new one after it."""
    changing_slapd.add(
        f"dn: cn=first,{Slapd.base_dn}\nobjectClass: device\nobjectClass: pwdPolicy\ncn: first\n"
        "pwdAttribute: userPassword\npwdMustChange: TRUE\n"
    )
    changing_slapd.modify(
        f"dn: {ALICE}\nchangetype: modify\nadd: pwdPolicySubentry\n"
        f"pwdPolicySubentry: cn=first,{Slapd.base_dn}\n-\nadd: pwdReset\npwdReset: TRUE\n"
    )
    directory = directory_of(changing_slapd)
    with pytest.raises(BindRefused, match="has to be changed") as refused:
        directory.bind(ALICE, "alice-password")
    assert refused.value.why == MUST_CHANGE
    with pytest.raises(BindRefused) as wrong:
        directory.bind(ALICE, "wrong")
    assert wrong.value.why == ""
    changing_slapd.modify(f"dn: {ALICE}\nchangetype: modify\ndelete: pwdReset\n")
    directory.bind(ALICE, "alice-password")
