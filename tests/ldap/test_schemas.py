"""From an entry's attributes to a person's plain values, whatever the entry holds."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from intranet_people.ldap.entry import Entry
from intranet_people.ldap.schemas import INETORGPERSON, Record, Schema, record_of

BLNS = Path(__file__).parents[2].parent / "shared/corpora/blns.json"
ALICE: dict[str, list[bytes]] = {
    "entryuuid": [b"5A3C8A1E-0000-4000-8000-000000000001"],
    "uid": [b"Alice"],
    "cn": [b"A. Liddell"],
    "displayname": [b"Alice Liddell"],
    "givenname": [b"Alice"],
    "sn": [b"Liddell"],
    "title": [b"Calibration Engineer"],
    "departmentnumber": [b"17"],
    "roomnumber": [b"3.14"],
    "l": [b"Rotterdam"],
    "mail": [b"Alice@Northwind.example", b"second@northwind.example"],
    "telephonenumber": [b"+31 10 555 0114", b"+31 10 555 0115"],
    "mobile": [b"+31 6 5550 0114"],
    "manager": [b"UID=Dana, ou=people,dc=northwind,dc=example"],
    "createtimestamp": [b"20260102030405Z"],
    "jpegphoto": [b"\xff\xd8one", b"\xff\xd8two"],
}


def record(schema: Schema = INETORGPERSON, **values: list[bytes]) -> Record:
    """Alice's, with attributes replaced by `values`; an empty list takes one away."""
    attributes = {**ALICE, **{name.lower(): given for name, given in values.items()}}
    found = record_of(Entry("uid=Alice,ou=people,dc=northwind,dc=example", attributes), schema)
    assert found is not None
    return found


def test_the_whole_mapping() -> None:
    assert record() == Record(
        directory_id="5a3c8a1e-0000-4000-8000-000000000001",
        dn="uid=alice,ou=people,dc=northwind,dc=example",
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
        manager_dn="uid=dana,ou=people,dc=northwind,dc=example",
        joined=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        photo=b"\xff\xd8one",
    )
    assert record().problems == ()


def test_the_first_attribute_that_has_a_value_wins() -> None:
    assert record(ou=[b"Calibration"]).team == "Calibration"
    assert record(displayName=[]).name == "A. Liddell"


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


def test_without_an_immutable_id_there_is_nobody() -> None:
    assert record_of(Entry("uid=alice", {**ALICE, "entryuuid": []}), INETORGPERSON) is None


def test_without_a_name_the_next_best_is_shown_and_listed() -> None:
    nameless = record(cn=[], displayName=[])
    assert nameless.name == "Alice Liddell"
    assert nameless.problems == ("has no displayName or cn",)
    assert record(cn=[], displayName=[], givenName=[], sn=[]).name == "alice"


def test_without_a_login_name_the_id_stands_for_it() -> None:
    without = record(uid=[])
    assert without.handle == without.directory_id
    assert without.problems == ("has no uid, so cannot sign in",)


def test_what_cannot_be_read_is_left_out_and_listed() -> None:
    doubtful = record(title=[b"Ing\xe9nieur"], sn=[b"L" * 100_000], mobile=[b"\xff", b"+31 6"])
    assert (doubtful.title, doubtful.surname, doubtful.mobiles) == ("", "", ("+31 6",))
    assert doubtful.problems == (
        "sn has 100000 characters; left out",
        "title is not valid UTF-8; left out",
        "mobile is not valid UTF-8; left out",
    )


@pytest.mark.parametrize("time", [b"yesterday", b"20261340000000Z", b"", b"\xff", b"2026Z"])
def test_a_time_that_is_none(time: bytes) -> None:
    assert record(createTimestamp=[time]).joined is None


@pytest.mark.skipif(not BLNS.is_file(), reason="the corpus shared/corpora is not here")
def test_naughty_strings_in_every_attribute() -> None:
    texts = json.loads(BLNS.read_text("utf-8"))
    assert len(texts) > 400
    for text in texts:
        value = [text.encode("utf-8", "surrogatepass")]
        values = {name: value for name in ALICE if name != "entryuuid"}
        found = record(INETORGPERSON, **values)
        assert found.name
        assert found.handle
        for shown in (found.name, found.title, found.mail, found.city, *found.phones):
            assert len(shown) <= 300
            assert shown.isprintable() or not any(c in shown for c in "\0\n\r\t\x1b\u202e\u2066")
