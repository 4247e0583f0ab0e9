"""The preset `ad` on a real domain controller: who is there, and what is known of them."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from intranet_people.ldap.accounts import disabled
from intranet_people.ldap.connection import BindRefused
from intranet_people.ldap.entry import dn_key
from intranet_people.ldap.presets import AD
from intranet_people.ldap.record import directory_id_of, fingerprint_of, record_of

from ..servers.samba import Samba
from .domain import domain_of, entries_of, entry_of, people_of

pytestmark = pytest.mark.samba
EVERYBODY = {
    "alice",
    "bob",
    "dana",
    "hanna",
    "ines",
    "joerg",
    "kenji",
    "leila",
    "margaret",
    "oluwaseun",
    "priya",
    "siobhan",
    "tomasz",
    "victor",
}
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
SIOBHAN = f"CN=O'Brien-Żak\\, Siobhán,OU=Rotterdam,{Samba.base_dn}"
ALICE = f"CN=Alice Liddell,OU=Rotterdam,{Samba.base_dn}"


def test_people_alone_are_people(samba: Samba) -> None:
    """No computer, contact or group; of the whole domain neither krbtgt nor Administrator."""
    assert set(people_of(samba)) == EVERYBODY
    names = {name.lower() for name in entries_of(samba, base_dn=samba.root_dn)}
    assert names == EVERYBODY | {"people"}


@pytest.mark.parametrize("page_size", [1, 5, 500])
def test_pages(samba: Samba, page_size: int) -> None:
    assert len(entries_of(samba, page_size=page_size)) == len(EVERYBODY)


def test_what_is_known_of_each(samba: Samba) -> None:
    people = people_of(samba)
    dana, bob, kenji = people["dana"], people["bob"], people["kenji"]
    assert (dana.name, dana.given_name, dana.surname) == ("Dana Whitfield", "Dana", "Whitfield")
    assert (dana.title, dana.team, dana.office) == ("Head of Calibration", "Calibration", "3.12")
    assert (dana.city, dana.mail) == ("Rotterdam", "dana@northwind.example")
    assert (dana.phones, dana.mobiles) == (("+31 10 555 0112",), ("+31 6 5550 0112",))
    assert bob.phones == ("+31 10 555 0115", "+31 10 555 0199")
    assert (kenji.name, kenji.team) == ("佐藤 健二 (Kenji Sato)", "Optics")
    assert people["joerg"].name == "Jörg Dreßler"
    assert people["leila"].surname == "Ben Saïd"
    assert people["oluwaseun"].mail == "oluwaseun.adeyemi@northwind.example"
    assert (people["tomasz"].mail, people["hanna"].title) == ("", "")
    for person in people.values():
        assert person.problems == ()
        assert person.joined is not None
        assert abs(datetime.now(UTC) - person.joined) < timedelta(hours=2)


def test_the_id_is_the_guid_as_samba_writes_it(samba: Samba) -> None:
    printed = samba.ask_the_database("(objectClass=user)", "sAMAccountName", "objectGUID")
    guids = {}
    for block in printed.split("\n\n"):
        said = dict(re.findall(r"^(sAMAccountName|objectGUID): (.+)$", block, re.MULTILINE))
        guids[said.get("sAMAccountName")] = said.get("objectGUID")
    for name, entry in entries_of(samba).items():
        assert directory_id_of(entry, AD) == guids[name]


def test_managers(samba: Samba) -> None:
    people = people_of(samba)
    by_key = {person.dn_key: person.handle for person in people.values()}
    managers = {p.handle: by_key[p.manager_key] for p in people.values() if p.manager_key}
    assert managers["alice"] == managers["bob"] == "dana"
    assert managers["hanna"] == "siobhan"  # with a comma in her DN
    assert set(managers) == EVERYBODY - {"margaret", "victor"}
    assert people["siobhan"].dn_key == dn_key(SIOBHAN)


def test_photos(samba: Samba) -> None:
    people = people_of(samba)
    assert people["dana"].photo.startswith(b"\xff\xd8")
    assert len(people["dana"].photo) > 500
    assert b"this is where the photo ends" in people["ines"].photo
    assert people["alice"].photo == b""


def test_whose_account_is_active(samba: Samba) -> None:
    states = {handle: disabled(e, AD, NOW) for handle, e in entries_of(samba).items()}
    assert {handle: why for handle, why in states.items() if why} == {
        "hanna": "disabled (userAccountControl)",
        "victor": "expired on 2024-01-01 (accountExpires)",
    }
    assert entry_of(samba, "margaret").values("accountExpires") == [b"0"]
    assert entry_of(samba, "alice").values("accountExpires") == [b"9223372036854775807"]
    before = datetime(2023, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert disabled(entry_of(samba, "victor"), AD, before) == ""


def test_an_account_locked_by_wrong_passwords_stays_active(changing_samba: Samba) -> None:
    changing_samba.modify(
        f"dn: {Samba.root_dn}\nchangetype: modify\nreplace: lockoutThreshold\nlockoutThreshold: 1\n"
    )
    with pytest.raises(BindRefused, match="52e"):
        domain_of(changing_samba).bind(ALICE, "wrong")
    locked = "(&(sAMAccountName=alice)(lockoutTime>=1))"
    assert len(domain_of(changing_samba).find(locked, ["cn"])) == 1
    assert disabled(entry_of(changing_samba, "alice"), AD, NOW) == ""


def test_an_account_is_disabled_and_enabled(changing_samba: Samba) -> None:
    for flags, why in (("514", "disabled (userAccountControl)"), ("66048", "")):
        changing_samba.modify(
            f"dn: {ALICE}\nchangetype: modify\nreplace: userAccountControl\n"
            f"userAccountControl: {flags}\n"
        )
        assert disabled(entry_of(changing_samba, "alice"), AD, NOW) == why


def test_renamed_and_moved_she_is_the_same(changing_samba: Samba) -> None:
    before = people_of(changing_samba)
    changing_samba.modify(
        f"dn: {ALICE}\nchangetype: modrdn\nnewrdn: CN=Hargreaves\\, Alice\ndeleteoldrdn: 1\n"
        f"newsuperior: OU=Osaka,{Samba.base_dn}\n\n"
        f"dn: CN=Hargreaves\\, Alice,OU=Osaka,{Samba.base_dn}\nchangetype: modify\n"
        "replace: sAMAccountName\nsAMAccountName: ahargreaves\n-\nreplace: sn\nsn: Hargreaves\n"
    )
    after = people_of(changing_samba)
    assert after["ahargreaves"].directory_id == before["alice"].directory_id
    assert after["ahargreaves"].dn == f"CN=Hargreaves\\, Alice,OU=Osaka,{Samba.base_dn}"
    assert "alice" not in after


def test_whose_manager_is_renamed_is_changed(changing_samba: Samba) -> None:
    """Active Directory writes the new DN into the manager attribute by itself."""
    before = entry_of(changing_samba, "hanna")
    changing_samba.modify(
        f"dn: {SIOBHAN}\nchangetype: modrdn\nnewrdn: CN=Siobhan\\, OBrien\ndeleteoldrdn: 1\n"
    )
    after, people = entry_of(changing_samba, "hanna"), people_of(changing_samba)
    assert fingerprint_of(after, AD) != fingerprint_of(before, AD)
    assert people["hanna"].manager_key == people["siobhan"].dn_key != dn_key(SIOBHAN)


def test_the_fingerprint_stays_until_something_changes(changing_samba: Samba) -> None:
    first, again = entry_of(changing_samba, "alice"), entry_of(changing_samba, "alice")
    assert fingerprint_of(first, AD) == fingerprint_of(again, AD)
    change = f"dn: {ALICE}\nchangetype: modify\nreplace: %s\n%s: %s\n"
    changing_samba.modify(change % ("description", "description", "not of any interest here"))
    other = entry_of(changing_samba, "alice")
    assert other.values("uSNChanged") != first.values("uSNChanged")
    assert fingerprint_of(other, AD) == fingerprint_of(first, AD)
    changing_samba.modify(change % ("title", "title", "Head of Calibration"))
    assert fingerprint_of(entry_of(changing_samba, "alice"), AD) != fingerprint_of(first, AD)


def test_another_id_and_a_field_of_ones_own(samba: Samba) -> None:
    schema = AD.with_attributes({"id": "employeeID"}).with_extra({"Number": "employeeID"})
    (entry,) = domain_of(samba).read("(sAMAccountName=alice)", schema.attributes)
    record = record_of(entry, schema)
    assert record is not None
    assert (record.directory_id, record.extra) == ("1003", {"Number": ["1003"]})
