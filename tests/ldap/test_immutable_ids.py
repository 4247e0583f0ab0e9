"""What stays the same of a person whatever they are called: the id."""

import pytest

from intranet_people.ldap.entry import Entry
from intranet_people.ldap.presets import AD, INETORGPERSON
from intranet_people.ldap.record import directory_id_of, record_of

from .alice import ALICE, record


def test_without_an_immutable_id_there_is_nobody() -> None:
    assert record_of(Entry("uid=alice", {**ALICE, "entryuuid": []}), INETORGPERSON) is None


def test_the_id_of_active_directory() -> None:
    """The first three parts of a GUID have their bytes turned round (MS-DTYP 2.3.4.2)."""
    guid = bytes.fromhex("ec791d139de6414b9346da4891bf8df5")
    entry = Entry("cn=alice", {"objectguid": [guid]})
    assert directory_id_of(entry, AD) == "131d79ec-e69d-4b41-9346-da4891bf8df5"
    strange = Entry("cn=alice", {"objectguid": [b"\xff\x00"]})
    assert directory_id_of(strange, AD) == "ff00"


@pytest.mark.parametrize("value", [[], [b""], [b"  "]])
def test_an_empty_id_is_none(value: list[bytes]) -> None:
    assert directory_id_of(Entry("cn=alice", {"entryuuid": value}), INETORGPERSON) == ""


def test_an_endless_id_is_shortened_and_stays_its_own() -> None:
    ids = {record(entryUUID=[b"x" * 5_000_000 + end]).directory_id for end in (b"1", b"2", b"")}
    assert sorted(map(len, ids)) == [32, 32, 32]


def test_another_id() -> None:
    schema = INETORGPERSON.with_attributes({"id": "employeeNumber"})
    assert record(schema, employeeNumber=[b"E-17"]).directory_id == "e-17"
    assert "entryUUID" not in schema.attributes
    assert schema.changes == ("timestamp",)
    assert INETORGPERSON.with_attributes({"id": "entryuuid"}).changes == INETORGPERSON.changes
    assert AD.with_attributes({"id": "employeeID"}).id_is_guid is False
    assert INETORGPERSON.with_attributes({"id": "objectGUID"}).id_is_guid is True
    for wrong in ("", " ", "entryUUID uid"):
        with pytest.raises(ValueError, match="'id' needs one attribute"):
            INETORGPERSON.with_attributes({"id": wrong})
