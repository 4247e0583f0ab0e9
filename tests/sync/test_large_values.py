"""Entries that are large, and names that need escapes."""

from __future__ import annotations

from base64 import b64encode
from itertools import pairwise

import pytest
from flask import Flask

from ..servers.slapd import Slapd
from .conftest import PEOPLE_DN, command, dn, doubtful, people

pytestmark = [pytest.mark.slapd, pytest.mark.process]


def test_people_with_five_megabytes_and_names_that_need_escapes(
    synced: Flask, changing: Slapd
) -> None:
    """Each is the next one's manager; the DN is written otherwise there, as it may be."""
    named = {
        r"cn=Liddell\, Alice": r"CN=Liddell\2C Alice",
        r"cn=\#1 \"Quoted\" \<a\>\; b\\c\=d\+e": r"cn=\231 \22Quoted\22 \3Ca\3E\3B b\5Cc\3Dd\2Be",
        "cn=佐藤 健二+employeeNumber=7": r"employeeNumber=7 + cn=\E4\BD\90\E8\97\A4 健二",
        r"cn=\20Jörg Dreßler\20": r"cn=\ J\C3\B6rg Dreßler\ ",
    }
    photo = b"\xff\xd8\xff" + bytes(range(256)) * 20_000
    manager = dn("dana")
    for n, (rdn, written) in enumerate(named.items()):
        changing.add(
            f"{encoded('dn', f'{rdn},{PEOPLE_DN}')}objectClass: inetOrgPerson\n"
            f"uid: noor{n}\nsn: Noor\n{encoded('manager', manager)}"
            f"{encoded('jpegPhoto', photo)}"
        )
        manager = f"{written}, OU=People,{Slapd.base_dn}"
    done = command(synced, "sync", "--full")
    assert done.exit_code == 0, done.output
    everyone = people(synced)
    chain = ["dana", *(f"noor{n}" for n in range(len(named)))]
    for boss, uid in pairwise(chain):
        assert everyone[uid].manager_id == everyone[boss].id, uid
    # That is no photo, which is found out in time and told; everybody is there nevertheless.
    assert sum("photo" in what for _, what in doubtful(synced)) == 1 + len(named)
    assert command(synced, "sync", "--full").stdout.startswith("16 read, 0 joined, 0 changed")


def encoded(attribute: str, value: str | bytes) -> str:
    """A line of LDIF for a value of any kind (RFC 2849)."""
    value = value.encode() if isinstance(value, str) else value
    return f"{attribute}:: {b64encode(value).decode()}\n"
