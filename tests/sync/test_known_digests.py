"""Entries that come as they came the last time: nobody looks into them, and nothing is missed."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from intranet_people.ldap import attributes
from intranet_people.ldap.changes import KnownDigests, digest_of
from intranet_people.ldap.entry import Entry
from intranet_people.people.person import Person
from intranet_people.problems import Problem
from intranet_people.sync import compare
from intranet_people.sync.report import SyncReport

from ..conftest import MakeApp, plugin_of, slapd_settings
from ..servers.slapd import Slapd
from .conftest import change, command, counted, dn, found, ldif, people, rows_of, run

pytestmark = pytest.mark.slapd


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The DNs of the entries that were looked into."""
    dns: list[str] = []

    def noted(raw: bytes) -> Any:
        dn, found = attributes.dn_and_attributes(raw)
        if "uid" in found:
            dns.append(dn)
        return dn, found

    monkeypatch.setattr("intranet_people.ldap.entry.dn_and_attributes", noted)
    return dns


def test_a_full_run_looks_only_into_what_is_new(
    synced: Flask, changing: Slapd, looks: list[str]
) -> None:
    assert run(synced).counts["unchanged"] == 12
    assert len(looks) == 1  # by whom the server's ids are compared with ours
    looks.clear()
    changing.modify(change("alice", "replace: title", "title: Astronomer"))
    changing.add(ldif("noor", cn="Noor de Wit"))
    changing.delete(dn("leila"))
    report = run(synced)
    assert {"changed": 1, "joined": 1, "left": 1, "unchanged": 10}.items() <= report.counts.items()
    assert {dn("alice"), dn("noor")} <= set(looks)
    assert len(looks) <= 3
    assert found(synced, "astronomer") == ["alice"]


def test_who_says_the_same_in_other_bytes_is_unchanged_and_seen_from_then_on(
    synced: Flask, changing: Slapd, looks: list[str]
) -> None:
    before = people(synced)["bob"].entry_digest
    numbers = ("telephoneNumber: +31 10 555 0199", "telephoneNumber: +31 10 555 0115")
    changing.modify(change("bob", "replace: telephoneNumber", *numbers))
    assert run(synced).counts["unchanged"] == 12
    assert dn("bob") in looks
    assert people(synced)["bob"].entry_digest not in (before, None)
    looks.clear()
    rows = rows_of(synced)
    with counted(synced) as statements:
        assert run(synced).counts["unchanged"] == 12
    assert dn("bob") not in looks[1:]
    assert not any("SET entry_digest" in s for s in statements)
    assert rows_of(synced) == rows


def test_where_teams_are_groups_the_entry_is_not_all(
    make_app: MakeApp, changing_slapd: Slapd
) -> None:
    base = f"ou=teams,{Slapd.base_dn}"
    changing_slapd.add(
        f"dn: {base}\nobjectClass: organizationalUnit\nou: teams\n\ndn: cn=Optics,{base}\n"
        f"objectClass: groupOfNames\ncn: Optics\nmember: {dn('alice')}\n"
    )
    plain = slapd_settings(changing_slapd)
    grouped = make_app(**plain, PEOPLE_LDAP_GROUP_BASE_DN=base)
    command(grouped, "sync", "--full")
    assert people(grouped)["alice"].team == "Optics"
    ungrouped = make_app(**plain)
    command(ungrouped, "sync", "--full")
    assert people(ungrouped)["alice"].team != "Optics"
    command(grouped, "sync", "--full")
    assert people(grouped)["alice"].team == "Optics"
    assert people(grouped)["alice"].entry_digest is None


def test_another_mapping_looks_into_everybody(
    make_app: MakeApp, synced: Flask, changing: Slapd, looks: list[str]
) -> None:
    other = make_app(
        **slapd_settings(changing), PEOPLE_LDAP_ATTRIBUTES={"title": "physicalDeliveryOfficeName"}
    )
    run(other)
    assert len(set(looks)) == 12


def test_whoever_comes_twice_is_counted_once(synced: Flask) -> None:
    alice = people(synced)["alice"]
    same = Entry(dn("alice"), {"entryuuid": [alice.directory_id.encode()]})
    report = SyncReport(concealed=())
    with synced.app_context():
        plugin = plugin_of(synced)
        comparison = compare.Comparison(plugin.session, plugin.schema, report)
        key = plugin.schema.digest_key
        seen = KnownDigests(key, {digest_of(same, key): alice.id})
        assert comparison.without_unchanged([same, same], seen) == [same]
        assert list(comparison.compare([same])) == []
    assert report.unchanged == 1
    assert report.problems == [(dn("alice"), Problem("same-id"))]


def test_whoever_is_to_be_read_again_is(synced: Flask, looks: list[str]) -> None:
    """As one is whose photo was lost, whatever the digest says."""
    with synced.app_context():
        session = plugin_of(synced).session
        session.execute(update(Person).where(Person.handle == "bob").values(fingerprint=""))
        session.commit()
    assert run(synced).counts["changed"] == 1
    assert dn("bob") in looks
