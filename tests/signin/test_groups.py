"""Groups of which one is needed to sign in: direct, nested, in a circle, of each kind."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from markupsafe import escape as html

from intranet_people.ldap.membership import base_of, is_member_of_any
from intranet_people.settings.read import read_settings
from intranet_people.settings.settings import SettingsError
from intranet_people.signin.bind import NO_GROUP
from intranet_people.signin.views import REFUSED

from ..conftest import MakeApp, slapd_settings
from ..ldap.conftest import directory_of
from ..ldap.domain import domain_of, entry_of
from ..servers.samba import Samba
from ..servers.slapd import NORTHWIND, Slapd
from ..servers.slapd_conf import NIS_SCHEMA
from .conftest import is_signed_in, tries

PEOPLE = f"ou=people,{Slapd.base_dn}"
GROUPS = f"ou=groups,{Slapd.base_dn}"
INTRANET = f"cn=All Intranet\\2C all floors,{GROUPS}"


def group(dn: str, *members: str) -> str:
    return f"dn: {dn}\nobjectClass: groupOfNames\n" + "".join(f"member: {m}\n" for m in members)


def alice() -> str:
    return f"uid=alice,{PEOPLE}"


@pytest.fixture
def sign_in(make_app: MakeApp, changing_slapd: Slapd) -> Callable[..., FlaskClient]:
    """A synced app that asks for that group."""

    def make(*groups: str) -> FlaskClient:
        app = make_app(**slapd_settings(changing_slapd), PEOPLE_SIGN_IN_GROUPS=list(groups))
        assert app.test_cli_runner().invoke(args=["people", "sync"]).exit_code == 0
        return app.test_client()

    return make


@pytest.mark.slapd
@pytest.mark.parametrize("backend", ["sqlite"])
def test_who_is_in_none_is_told_so(
    sign_in: Callable[..., FlaskClient], changing_slapd: Slapd
) -> None:
    changing_slapd.add(group(INTRANET, alice()))
    client = sign_in(INTRANET)
    for _ in range(6):  # a right password is no guess
        answer = tries(client, "bob", "bob-password")
        assert answer.status_code == 403
        assert html(NO_GROUP) in answer.text
    assert not is_signed_in(client)
    # Who does not know the password learns nothing of groups.
    assert html(REFUSED) in tries(client, "bob", "wrong").text
    assert tries(client, "alice", "alice-password").status_code == 303
    assert is_signed_in(client)


@pytest.mark.slapd
@pytest.mark.parametrize("backend", ["sqlite"])
def test_one_of_several_is_enough(
    sign_in: Callable[..., FlaskClient], changing_slapd: Slapd
) -> None:
    other = f"cn=Board,{GROUPS}"
    changing_slapd.add(group(INTRANET, alice()) + "\n" + group(other, f"uid=bob,{PEOPLE}"))
    client = sign_in(INTRANET, other)
    assert tries(client, "bob", "bob-password").status_code == 303


@pytest.mark.slapd
def test_through_groups_in_groups_and_round_in_a_circle(changing_slapd: Slapd) -> None:
    optics, research = f"cn=Optics,{GROUPS}", f"cn=Research,{GROUPS}"
    changing_slapd.add(
        group(optics, alice(), research)
        + "\n"
        + group(research, optics)
        + "\n"
        + group(INTRANET, f"CN=research, {GROUPS}")
    )
    directory = directory_of(changing_slapd, base_dn=PEOPLE)
    (entry,) = directory.find("(uid=alice)", ["uid"])
    assert is_member_of_any(directory, entry, [INTRANET])
    assert is_member_of_any(directory, entry, [research.upper()])
    assert not is_member_of_any(directory, entry, [f"cn=Board,{GROUPS}"])
    (bob,) = directory.find("(uid=bob)", ["uid"])
    assert not is_member_of_any(directory, bob, [INTRANET, research, optics])


@pytest.mark.slapd
def test_each_kind_of_group(slapd: Slapd) -> None:
    unique, posix = f"cn=Night Watch,{GROUPS}", f"cn=ops,{GROUPS}"
    with Slapd(NORTHWIND, schema_lines=NIS_SCHEMA) as server:
        server.add(
            f"dn: {unique}\nobjectClass: groupOfUniqueNames\ncn: Night Watch\n"
            f"uniqueMember: {alice()}\n\n"
            f"dn: {posix}\nobjectClass: posixGroup\ncn: ops\ngidNumber: 5000\nmemberUid: alice\n"
        )
        directory = directory_of(server)
        (entry,) = directory.find("(uid=alice)", ["uid"])
        assert is_member_of_any(directory, entry, [unique])
        assert is_member_of_any(directory, entry, [posix])
        (bob,) = directory.find("(uid=bob)", ["uid"])
        assert not is_member_of_any(directory, bob, [unique, posix])


@pytest.mark.slapd
@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_group_that_is_not_there_is_named_by_check(
    sign_in: Callable[..., FlaskClient], changing_slapd: Slapd
) -> None:
    changing_slapd.add(group(INTRANET, alice()))
    for dn, said in ((INTRANET, f"{INTRANET} is there"), (INTRANET[:-1], "does not exist")):
        app = sign_in(dn).application
        output = app.test_cli_runner().invoke(args=["people", "check"]).output
        assert said in output
        assert "PEOPLE_SIGN_IN_GROUPS" in output


@pytest.mark.samba
def test_of_active_directory(changing_samba: Samba) -> None:
    dn = f"CN=Intranet,{changing_samba.base_dn}"
    inner = f"CN=Lab,{changing_samba.base_dn}"
    alice, bob = (entry_of(changing_samba, name) for name in ("alice", "bob"))
    changing_samba.modify(
        f"dn: {inner}\nchangetype: add\nobjectClass: group\nmember: {alice.dn}\n\n"
        f"dn: {dn}\nchangetype: add\nobjectClass: group\nmember: {inner}\n"
    )
    directory = domain_of(changing_samba)
    assert is_member_of_any(directory, alice, [dn])
    assert not is_member_of_any(directory, bob, [dn])


@pytest.mark.parametrize(
    ("group", "people", "base"),
    [
        ("cn=a,ou=groups,dc=corp,dc=example", "ou=people,dc=corp,dc=example", "dc=corp,dc=example"),
        ("cn=a,dc=corp,dc=example", "dc=corp,dc=example", "dc=corp,dc=example"),
        ("cn=a\\,b, OU=Groups, DC=corp", "ou=people,dc=Corp", "DC=corp"),
        ("cn=a,o=elsewhere", "ou=people,dc=corp", "cn=a,o=elsewhere"),
    ],
)
def test_where_groups_are_looked_for(group: str, people: str, base: str) -> None:
    assert base_of(group, people) == base


@pytest.mark.parametrize(
    ("config", "complaint"),
    [
        ({"PEOPLE_SIGN_IN_GROUPS": "cn=All Staff,dc=corp"}, r"a list of DNs.*not 'cn=All'"),
        ({"PEOPLE_SIGN_IN_GROUPS": ["staff"]}, "a list of DNs.*not 'staff'"),
        (
            {"PEOPLE_SIGN_IN_GROUPS": ["cn=a,dc=x,dc=y"], "PEOPLE_SIGN_IN": "host ldap"},
            "cannot be checked if host sign people in",
        ),
    ],
)
def test_what_is_no_group(config: dict[str, object], complaint: str) -> None:
    required = {
        "PEOPLE_LDAP_URI": "ldaps://dc1",
        "PEOPLE_LDAP_BASE_DN": "dc=x",
        "PEOPLE_SIGN_IN": "ldap",
    }
    with pytest.raises(SettingsError, match=complaint):
        read_settings(required | config)
