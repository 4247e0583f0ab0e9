"""From an entry's attributes to a person's plain values, whatever the entry holds."""

from datetime import UTC, datetime

import pytest

from intranet_people.ldap.entry import Entry, dn_key
from intranet_people.ldap.presets import AD, DS389, FREEIPA, INETORGPERSON, PRESETS
from intranet_people.ldap.record import Record, fingerprint_of, record_of
from intranet_people.problems import Problem

from .alice import ALICE, record


def test_the_whole_mapping() -> None:
    assert record() == Record(
        directory_id="5a3c8a1e-0000-4000-8000-000000000001",
        dn="uid=Alice,ou=people,dc=northwind,dc=example",
        dn_key=dn_key("uid=alice,ou=people,dc=northwind,dc=example"),
        handle="alice",
        name="Alice Liddell",
        given_name="Alice",
        surname="Liddell",
        title="Calibration Engineer",
        team="17",
        office="3.14",
        city="Rotterdam",
        mail="alice@northwind.example",
        phones=("+31 10 555 0114", "+31 10 555 0115"),
        mobiles=("+31 6 5550 0114",),
        manager_key=dn_key("uid=dana,ou=people,dc=northwind,dc=example"),
        joined=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        photo=b"\xff\xd8one",
    )
    assert record().problems == ()


def test_the_first_attribute_that_has_a_value_wins() -> None:
    assert record(ou=[b"Calibration"]).team == "Calibration"
    assert record(displayName=[]).name == "A. Liddell"
    assert record(displayName=[b" \0 "]).name == "A. Liddell"
    assert record(jpegPhoto=[b"", b"\xff\xd8two"]).photo == b"\xff\xd8two"
    assert record(AD, thumbnailPhoto=[], objectGUID=[b"0" * 16]).photo == b"\xff\xd8one"


def test_phones_take_the_values_of_all_their_attributes() -> None:
    schema = INETORGPERSON.with_attributes({"phones": "telephoneNumber homePhone ipPhone"})
    found = record(schema, homePhone=[b"+31 10 555 0115", b"+31 20 555 0116"])
    assert found.phones == ("+31 10 555 0114", "+31 10 555 0115", "+31 20 555 0116")


def test_the_operators_overrides() -> None:
    schema = INETORGPERSON.with_attributes({"team": "businessCategory l", "time_zone": "tz"})
    assert record(schema).team == "Rotterdam"
    assert record(schema, tz=[b"Europe/Amsterdam"]).time_zone == "Europe/Amsterdam"
    wrong = record(schema, tz=[b"Rotterdam/Harbour"])
    assert (wrong.time_zone, len(wrong.problems)) == ("", 1)
    assert {"businessCategory", "l", "tz", "entryUUID"} <= set(schema.attributes)
    assert record(INETORGPERSON.with_attributes({"title": ""})).title == ""
    with pytest.raises(ValueError, match="'shoes' is no field"):
        INETORGPERSON.with_attributes({"shoes": "shoeSize"})
    with pytest.raises(ValueError, match="'handle' needs an attribute"):
        INETORGPERSON.with_attributes({"handle": " "})


def test_without_a_name_the_next_best_is_shown_and_listed() -> None:
    nameless = record(cn=[], displayName=[])
    assert nameless.name == "Alice Liddell"
    assert nameless.problems == (Problem("no-name", "displayName / cn"),)
    assert record(cn=[], displayName=[], givenName=[], sn=[]).name == "alice"


def test_without_a_login_name_the_id_stands_for_it() -> None:
    without = record(uid=[])
    assert without.handle == without.directory_id
    assert without.problems == (Problem("no-login-name", "uid"),)


def test_what_cannot_be_read_is_left_out_and_listed() -> None:
    doubtful = record(title=[b"Ing\xe9nieur"], sn=[b"L" * 100_000], mobile=[b"\xff", b"+31 6"])
    assert (doubtful.title, doubtful.surname, doubtful.mobiles) == ("", "", ("+31 6",))
    assert doubtful.problems == (
        Problem("too-long", "sn", "100000"),
        Problem("not-utf8", "title"),
        Problem("not-utf8", "mobile"),
    )


@pytest.mark.parametrize("time", [b"yesterday", b"20261340000000Z", b"", b"\xff", b"2026Z"])
def test_a_time_that_is_none(time: bytes) -> None:
    assert record(createTimestamp=[time]).joined is None


def test_a_manager_whose_dn_is_long_or_no_text() -> None:
    long = "cn=" + "a" * 500 + ",dc=x"
    assert record(manager=[long.encode()]).manager_key == dn_key(long)
    assert record(manager=[]).manager_key is None
    assert record(manager=[b""]).manager_key is None
    endless = record(manager=[b"\\41" * 1_000_000])
    assert (endless.manager_key, endless.problems) == (
        None,
        (Problem("dn-too-long", "manager", "3000000"),),
    )
    unreadable = record(manager=[b"cn=J\xf6rg,dc=x"])
    assert unreadable.manager_key is None
    assert unreadable.problems == (Problem("not-utf8", "manager"),)


@pytest.mark.parametrize("dn", ["uid=alice\0,dc=x", "uid=\udcff,dc=x", "uid=a\nb,dc=x", ""])
def test_a_dn_that_no_database_takes(dn: str) -> None:
    found = record_of(Entry(dn, ALICE), INETORGPERSON)
    assert found is not None
    assert found.dn.isprintable()
    assert len(fingerprint_of(Entry(dn, ALICE), INETORGPERSON)) == 32


def test_fields_of_a_companys_own() -> None:
    schema = INETORGPERSON.with_extra({"Cost centre": "costCentre", "Languages": "lang skills"})
    assert {"costCentre", "lang", "skills"} <= set(schema.attributes)
    found = record(schema, lang=[b"Dutch", b" Frisian\n", b"\0"], skills=[b"Dutch", b"Lathe"])
    assert found.extra == {"Languages": ["Dutch", "Frisian", "Lathe"]}
    doubtful = record(schema, costCentre=[b"\xff"], lang=[b"L" * 301, b"Dutch"])
    assert doubtful.extra == {"Languages": ["Dutch"]}
    assert doubtful.problems == (
        Problem("not-utf8", "costCentre"),
        Problem("too-long", "lang / skills", "301"),
    )
    for label, attributes in (("", "lang"), ("Languages", " ")):
        with pytest.raises(ValueError, match="needs a label and an attribute"):
            INETORGPERSON.with_extra({label: attributes})


def test_an_attribute_in_one_language() -> None:
    """Asked for with its option, it comes with it (RFC 4512 2.5.2), and the entry drops that."""
    schema = INETORGPERSON.with_attributes({"title": "title;lang-ja"})
    assert "title;lang-ja" in schema.attributes
    assert record(schema, title=["光学設計".encode()]).title == "光学設計"


def test_what_a_read_asks_for() -> None:
    assert {"uSNChanged", "objectGUID", "userAccountControl", "accountExpires"} <= set(
        AD.attributes
    )
    assert "modifyTimestamp" not in AD.attributes
    for schema in (INETORGPERSON, FREEIPA, DS389):
        assert {schema.id_attribute, "modifyTimestamp", *schema.account} <= set(schema.attributes)
    for schema in PRESETS.values():
        names = [name.lower() for name in schema.attributes]
        assert len(names) == len(set(names))
        assert list(schema.fields) == list(INETORGPERSON.fields)
