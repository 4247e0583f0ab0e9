"""Which directory a root DSE is that of. As these servers send it."""

from __future__ import annotations

import pytest

from intranet_people.check.product import check_changes, check_preset
from intranet_people.ldap.entry import Entry
from intranet_people.ldap.presets import PRESETS

PAGED, SYNCREPL = "1.2.840.113556.1.4.319", "1.3.6.1.4.1.4203.1.9.1.1"
OPENLDAP = {"objectclass": ["top", "OpenLDAProotDSE"], "supportedcontrol": [PAGED, SYNCREPL]}
AD = {"supportedcapabilities": ["1.2.840.113556.1.4.800", "1.2.840.113556.1.4.1670"]}
SAMBA = AD | {"vendorname": ["Samba Team (https://www.samba.org)"]}
DS389 = {"vendorname": ["389 Project"], "vendorversion": ["389-Directory/2.4.5 B2024.017.0000"]}
FREEIPA = DS389 | {"namingcontexts": ["cn=changelog", "dc=corp,dc=example", "o=ipaca"]}


def root(values: dict[str, list[str]]) -> Entry:
    return Entry("", {name: [v.encode() for v in some] for name, some in values.items()})


@pytest.mark.parametrize(
    ("values", "name", "preset"),
    [
        (OPENLDAP, "OpenLDAP", "inetorgperson"),
        (AD, "Active Directory", "ad"),
        (SAMBA, "Active Directory (Samba Team", "ad"),
        (DS389, "389 Directory Server (389 Project 389-Directory/2.4.5", "389ds"),
        (FREEIPA, "FreeIPA (389 Project", "freeipa"),
    ],
)
def test_each_kind(values: dict[str, list[str]], name: str, preset: str) -> None:
    fits = check_preset(root(values), preset)
    assert fits.ok
    assert fits.what.startswith(f"It is {name}")
    assert fits.what.endswith(f", as the preset {preset} expects.")
    other = "ad" if preset != "ad" else "freeipa"
    wrong = check_preset(root(values), other)
    assert wrong.ok is None
    assert wrong.hint == f"PEOPLE_LDAP_SCHEMA is {other}; the preset of this directory is {preset}."


def test_one_that_is_not_known() -> None:
    assert check_preset(root({"vendorname": ["Northwind"]}), "ad").what == "It is Northwind."
    assert check_preset(root({}), "ad").what == "The server does not say which product it is."


def told(values: dict[str, list[str]], preset: str) -> list[tuple[str, str]]:
    return [(f.what, f.hint) for f in check_changes(root(values), PRESETS[preset])]


def test_how_changes_are_read() -> None:
    ((syncrepl, hint),) = told(OPENLDAP, "inetorgperson")
    assert "syncrepl" in syncrepl
    assert hint == ""
    ((timestamp, hint),) = told(OPENLDAP | {"supportedcontrol": [PAGED]}, "inetorgperson")
    assert "modifyTimestamp" in timestamp
    assert "syncprov" in hint
    ((usn, _),) = told(AD | {"supportedcontrol": [PAGED]}, "ad")
    assert "uSNChanged" in usn
    assert told(AD, "ad") == [], "of a server that does not say what it can do"


def test_no_pages() -> None:
    (pages, _) = told(OPENLDAP | {"supportedcontrol": [SYNCREPL]}, "inetorgperson")
    assert "has no pages" in pages[0]
