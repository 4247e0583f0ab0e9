"""A directory in which something is elsewhere or doubtful: what it is, and what mends it."""

from __future__ import annotations

import base64
import json
from dataclasses import replace

import pytest

from intranet_people.check.entries import describe_entry
from intranet_people.check.finding import Finding
from intranet_people.check.missing_fields import inactive
from intranet_people.clock import now
from intranet_people.ldap.presets import PRESETS

from ..ldap.conftest import directory_of
from ..servers.slapd import NORTHWIND, Slapd
from ..sync.conftest import PEOPLE_DN, change, dn, ldif
from .conftest import CheckWith, failed, only, said

pytestmark = pytest.mark.slapd
PHOTO = base64.b64encode(b"\xff\xd8\xff\xe0" + bytes(100)).decode()
# An attribute that may hold any bytes, in OpenLDAP's arc for experiments.
PORTRAIT = (
    "attributetype ( 1.3.6.1.4.1.4203.666.11.94.3 NAME 'portrait'"
    " SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 )",
    "attributetype ( 1.3.6.1.4.1.4203.666.11.94.4 NAME 'workMail' EQUALITY caseIgnoreMatch"
    " SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )",
    "objectclass ( 1.3.6.1.4.1.4203.666.11.94.5 NAME 'portrayed' SUP top AUXILIARY"
    " MAY ( portrait $ workMail ) )",
)


def test_a_base_that_is_not_there(check_with: CheckWith, slapd: Slapd) -> None:
    wrong = only(check_with(PEOPLE_LDAP_BASE_DN="ou=gone,dc=northwind,dc=example"))
    assert wrong.what.startswith("ou=gone,dc=northwind,dc=example does not exist")
    assert "PEOPLE_LDAP_BASE_DN" in wrong.what
    assert wrong.hint == f"The server holds {slapd.base_dn}."


def test_strangers_may_read_nothing(check_with: CheckWith) -> None:
    found = check_with(PEOPLE_LDAP_BIND_DN="", PEOPLE_LDAP_BIND_PASSWORD=None)
    assert "set PEOPLE_LDAP_BIND_DN" in only(found).hint


def test_a_filter_that_finds_nobody(check_with: CheckWith) -> None:
    wrong = only(check_with(PEOPLE_LDAP_PERSON_FILTER="(uid=nobody)"))
    assert wrong.what == "Nobody matches (uid=nobody): check PEOPLE_LDAP_PERSON_FILTER."
    assert "preset inetorgperson finds some: (objectClass=inetOrgPerson)" in wrong.hint


def test_a_filter_that_is_none(check_with: CheckWith) -> None:
    wrong = only(check_with(PEOPLE_LDAP_PERSON_FILTER="((uid=nobody)"))
    assert "is not a valid filter (RFC 4515): check PEOPLE_LDAP_PERSON_FILTER" in wrong.what


def test_another_preset_fits(check_with: CheckWith) -> None:
    found = check_with(
        PEOPLE_LDAP_SCHEMA="389ds", PEOPLE_LDAP_PERSON_FILTER="(objectClass=inetOrgPerson)"
    )
    assert said(found, "^It is OpenLDAP").hint == (
        "PEOPLE_LDAP_SCHEMA is 389ds; the preset of this directory is inetorgperson."
    )
    wrong = only(found)
    assert wrong.what == "12 of 12 are left out: they have no nsUniqueId."
    assert setting(wrong) == {"id": "entryUUID"}


def setting(finding: Finding) -> object:
    """What the hint says for PEOPLE_LDAP_ATTRIBUTES, as an environment variable takes it."""
    return json.loads(finding.hint.partition("PEOPLE_LDAP_ATTRIBUTES=")[2])


def test_what_is_elsewhere(check_with: CheckWith) -> None:
    with Slapd(NORTHWIND, schema_lines=PORTRAIT) as server:
        for uid in ("alice", "bob"):
            server.modify(
                change(uid, "add: objectClass", "objectClass: portrayed")
                + f"-\nadd: portrait\nportrait:: {PHOTO}\n-\nadd: workMail\n"
                + f"workMail: {uid}@northwind.example\n"
            )
        overrides = {"time_zone": "preferredLanguage"}
        nowhere = {"mail": "rfc822Mailbox2", "photo": "thumbnailPhoto", "title": "personalTitle"}
        found = check_with(server, PEOPLE_LDAP_ATTRIBUTES=overrides | nowhere)
    assert failed(found) == []
    everything = overrides | nowhere
    mail = said(found, r"^Nobody has a mail address \(rfc822Mailbox2\)")
    assert setting(mail) == everything | {"mail": "mail"}
    photo = said(found, r"^Nobody has a photo \(thumbnailPhoto\)")
    assert setting(photo) == everything | {"photo": "jpegPhoto"}
    assert setting(said(found, "^Nobody has a title")) == everything | {"title": "title"}
    assert "PEOPLE_TIME_ZONE" in said(found, "^Nobody has a time zone").hint


def test_an_attribute_that_nobody_knows_of(check_with: CheckWith) -> None:
    """It is found by how its values look."""
    with Slapd(schema_lines=PORTRAIT) as server:
        server.add(NORTHWIND_WITHOUT_PEOPLE)
        server.add(
            ldif("noor", f"portrait:: {PHOTO}", "workMail: noor@northwind.example").replace(
                "objectClass: inetOrgPerson", "objectClass: inetOrgPerson\nobjectClass: portrayed"
            )
        )
        found = check_with(server)
    assert setting(said(found, "^Nobody has a mail address")) == {"mail": "workmail"}
    assert setting(said(found, "^Nobody has a photo")) == {"photo": "portrait"}
    assert '{"city": "..."}' in said(found, "^Nobody has a city").hint


NORTHWIND_WITHOUT_PEOPLE = NORTHWIND.read_text().partition("# The one who has no manager")[0]


def test_a_login_name_that_nobody_has(check_with: CheckWith) -> None:
    wrong = only(check_with(PEOPLE_LDAP_ATTRIBUTES={"handle": "sAMAccountName"}))
    assert wrong.what == "Nobody has a login name (sAMAccountName)."
    assert setting(wrong) == {"handle": "uid"}


def test_doubts(check_with: CheckWith, changing_slapd: Slapd) -> None:
    changing_slapd.add(ldif("noor", "uid: alice", f"manager: cn=boss,ou=far,{Slapd.base_dn}"))
    changing_slapd.add(
        f"dn: cn=alice,{PEOPLE_DN}\nobjectClass: inetOrgPerson\ncn: alice\nsn: alice\nuid: ALICE\n"
    )
    found = check_with(PEOPLE_LDAP_BASE_DN=PEOPLE_DN)
    twice = said(found, "^1 login names belong to more than one entry each")
    assert twice.ok is None
    assert twice.lines == (f"alice: {dn('alice')}; cn=alice,{PEOPLE_DN}",)
    assert said(found, "^Without a mail address: 3 of 14").ok is None
    outside = said(found, f"managers are outside {PEOPLE_DN}")
    assert f"cn=boss,ou=far,{Slapd.base_dn}" in outside.hint
    assert found[-1].ok


def test_accounts_that_are_not_active(check_with: CheckWith, slapd: Slapd) -> None:
    assert [f for f in check_with() if "are left out" in f.what] == []
    schema = replace(PRESETS["inetorgperson"], account={"pwdAccountLockedTime": "for good"})
    bob, dana = directory_of(slapd).find("(|(uid=bob)(uid=dana))", schema.attributes)
    bob.attributes["pwdaccountlockedtime"] = [b"000001010000Z"]
    found = list(inactive([bob, dana], schema, now()))
    assert [f.what for f in found] == ["1 of 2 are left out: locked (pwdAccountLockedTime)."]
    assert (
        "the account is locked (pwdAccountLockedTime), so it is left out"
        in describe_entry(bob, schema, now()).what
    )


def test_groups(check_with: CheckWith, changing_slapd: Slapd) -> None:
    groups = f"ou=groups,{Slapd.base_dn}"
    none = only(check_with(PEOPLE_LDAP_GROUP_BASE_DN=groups))
    assert none.what.startswith(f"No group below {groups} matches ")
    group = f"dn: cn={{}},{groups}\nobjectClass: groupOfNames\ncn: {{}}\nmember: {{}}\n"
    changing_slapd.add(group.format("ghosts", "ghosts", f"cn=gone,{Slapd.base_dn}"))
    ghosts = said(check_with(PEOPLE_LDAP_GROUP_BASE_DN=groups), "^1 groups below")
    assert ghosts.ok is None
    assert "0 of 12 people are in one" in ghosts.what
    changing_slapd.add(group.format("lab", "lab", f"{dn('alice')}\nmember: {dn('bob')}"))
    found = check_with(PEOPLE_LDAP_GROUP_BASE_DN=groups)
    assert said(found, "^2 groups below .*; 2 of 12 people are in one").ok
    gone = only(check_with(PEOPLE_LDAP_GROUP_BASE_DN=f"ou=gone,{Slapd.base_dn}"))
    assert gone.what.startswith("The groups cannot be read: ")
    assert "PEOPLE_LDAP_GROUP_BASE_DN" in gone.hint
