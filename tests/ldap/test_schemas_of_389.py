"""The presets `freeipa` and `389ds`, on a server that holds what theirs would hold."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from intranet_people.ldap.accounts import disabled
from intranet_people.ldap.entry import Entry, dn_key
from intranet_people.ldap.presets import PRESETS
from intranet_people.ldap.record import Record, record_of

from ..servers.slapd import Slapd
from ..servers.slapd_conf import DS389_SCHEMA, FREEIPA_SCHEMA
from .conftest import directory_of

pytestmark = pytest.mark.slapd
DATA = Path(__file__).parents[1] / "data"
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def freeipa(slapd: Slapd) -> Iterator[Slapd]:
    with Slapd(DATA / "northwind-freeipa.ldif", schema_lines=FREEIPA_SCHEMA) as server:
        yield server


@pytest.fixture(scope="module")
def ds389(slapd: Slapd) -> Iterator[Slapd]:
    with Slapd(DATA / "northwind-389ds.ldif", schema_lines=DS389_SCHEMA) as server:
        yield server


def entries(server: Slapd, preset: str) -> dict[str, Entry]:
    """By uid, whom the preset takes for people."""
    schema = PRESETS[preset]
    read = directory_of(server).read(schema.person_filter, schema.attributes)
    return {entry.values("uid")[0].decode(): entry for entry in read}


def people(server: Slapd, preset: str) -> dict[str, Record]:
    records = (record_of(entry, PRESETS[preset]) for entry in entries(server, preset).values())
    return {record.handle: record for record in records if record}


def states(server: Slapd, preset: str) -> dict[str, str]:
    found = entries(server, preset)
    return {uid: disabled(entry, PRESETS[preset], NOW) for uid, entry in found.items()}


def test_people_of_freeipa(freeipa: Slapd) -> None:
    """Neither a system account nor who is only staged."""
    found = people(freeipa, "freeipa")
    assert set(found) == {"alice", "dana", "hanna", "victor"}
    alice, dana = found["alice"], found["dana"]
    assert alice.directory_id == "5cb7f4f0-8e1b-11ef-9a3c-525400123403"
    assert (alice.name, alice.title, alice.team) == ("Alice Liddell", "Calibration Engineer", "17")
    assert (dana.team, dana.city) == ("Calibration", "Rotterdam")
    assert (dana.phones, dana.mobiles) == (("+31 10 555 0112",), ("+31 6 5550 0112",))
    assert alice.manager_key == dana.dn_key
    assert alice.joined is not None
    assert alice.problems == ()


def test_who_is_active_in_freeipa(freeipa: Slapd) -> None:
    assert states(freeipa, "freeipa") == {
        "alice": "",
        "dana": "",
        "hanna": "locked (nsAccountLock)",
        "victor": "expired on 2024-01-01 (krbPrincipalExpiration)",
    }


def test_people_of_389(ds389: Slapd) -> None:
    found = people(ds389, "389ds")
    assert set(found) == {"alice", "dana", "hanna"}
    assert found["alice"].directory_id == "8a4d1c03-5e6f11ef-9c3aa1b2-c3d4e5f6"
    assert (found["alice"].name, found["alice"].mail) == (
        "Alice Liddell",
        "alice@northwind.example",
    )
    assert found["dana"].phones == ("+31 10 555 0112", "+31 10 555 0113")
    assert found["dana"].office == "3.12"
    assert found["hanna"].manager_key == dn_key(found["dana"].dn)


def test_who_is_active_in_389(ds389: Slapd) -> None:
    assert states(ds389, "389ds") == {"alice": "", "dana": "", "hanna": "locked (nsAccountLock)"}


def test_an_account_is_unlocked(ds389: Slapd) -> None:
    hanna = f"uid=hanna,ou=people,{ds389.base_dn}"
    ds389.modify(f"dn: {hanna}\nchangetype: modify\ndelete: nsAccountLock\n")
    assert states(ds389, "389ds")["hanna"] == ""
    ds389.restore()
