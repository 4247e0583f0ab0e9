"""Alice as a directory sends her, and the record that is made of her."""

from intranet_people.ldap.entry import Entry
from intranet_people.ldap.mapping import Schema
from intranet_people.ldap.presets import INETORGPERSON
from intranet_people.ldap.record import Record, record_of

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
DN = "uid=Alice,ou=people,dc=northwind,dc=example"


def record(schema: Schema = INETORGPERSON, **values: list[bytes]) -> Record:
    """Alice's, with attributes replaced by `values`; an empty list takes one away."""
    attributes = {**ALICE, **{name.lower(): given for name, given in values.items()}}
    found = record_of(Entry(DN, attributes), schema)
    assert found is not None
    return found
