"""What tells the sync that an entry is as it was: the same for the same, and for nothing else."""

from dataclasses import replace

import pytest

from intranet_people.ldap.entry import Entry
from intranet_people.ldap.mapping import Schema
from intranet_people.ldap.presets import INETORGPERSON
from intranet_people.ldap.record import fingerprint_of

from .alice import ALICE, DN


def fingerprint(schema: Schema = INETORGPERSON, dn: str = DN, **values: list[bytes]) -> str:
    """Alice's, with attributes replaced by `values`."""
    attributes = {**ALICE, **{name.lower(): given for name, given in values.items()}}
    return fingerprint_of(Entry(dn, attributes), schema)


def test_the_fingerprint_is_of_what_is_mapped() -> None:
    assert len(fingerprint()) == 32
    assert int(fingerprint(), 16)
    assert fingerprint() == fingerprint(description=[b"new"], modifyTimestamp=[b"20270101000000Z"])
    assert fingerprint() == fingerprint(pwdAccountLockedTime=[b"20270101000000Z"])
    for name in ALICE:
        if name not in ("entryuuid", "departmentnumber"):
            for values in ([b"other"], []):
                other = Entry(DN, {**ALICE, name: values})
                assert fingerprint_of(other, INETORGPERSON) != fingerprint()
    assert fingerprint(dn="uid=alice,ou=left,dc=x") != fingerprint()


def test_the_order_of_values_is_no_change() -> None:
    one, other = [b"+31 1", b"+31 2", b"+31 3"], [b"+31 3", b"+31 1", b"+31 2"]
    assert fingerprint(telephoneNumber=one) == fingerprint(telephoneNumber=other)
    assert fingerprint(telephoneNumber=one) != fingerprint(telephoneNumber=one[:2])


def test_values_that_run_together_differ() -> None:
    assert fingerprint(sn=[b"ab"], title=[b"c"]) != fingerprint(sn=[b"a"], title=[b"bc"])
    assert fingerprint(sn=[b"a", b"b"]) != fingerprint(sn=[b"ab"])
    assert fingerprint(sn=[b"a"], title=[]) != fingerprint(sn=[], title=[b"a"])
    assert fingerprint(sn=[b""]) != fingerprint(sn=[])


def test_another_mapping_is_another_fingerprint() -> None:
    schemas = [
        INETORGPERSON,
        INETORGPERSON.with_attributes({"team": "departmentNumber ou"}),
        INETORGPERSON.with_attributes({"id": "uid"}),
        INETORGPERSON.with_extra({"Room": "roomNumber"}),
        INETORGPERSON.with_extra({"Office": "roomNumber"}),
        INETORGPERSON.with_attributes({"office": "roomNumber", "city": "roomNumber"}),
    ]
    assert len({schema.digest for schema in schemas}) == len(schemas)
    assert len({fingerprint(schema) for schema in schemas}) == len(schemas)
    assert INETORGPERSON.with_filter("(uid=*)").digest == INETORGPERSON.digest


def test_another_rule_for_accounts_is_another_key_of_what_was_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = replace(INETORGPERSON, account={"shadowExpire": "day"})
    assert other.digest == INETORGPERSON.digest
    assert other.digest_key != INETORGPERSON.digest_key
    monkeypatch.setattr("intranet_people.ldap.mapping.RULES_VERSION", 99)
    assert replace(INETORGPERSON).digest_key != INETORGPERSON.digest_key
