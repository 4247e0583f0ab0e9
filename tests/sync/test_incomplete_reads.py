"""A read that did not come to its end: what it brought is true, and nobody left."""

from collections.abc import Iterator

import pytest
from flask import Flask

from intranet_people.ldap.connection import IncompleteRead
from intranet_people.ldap.entry import Entry

from ..conftest import MakeApp, plugin_of, slapd_settings
from ..servers.slapd import NORTHWIND, Slapd
from .conftest import change, command, last, people, reasons, run, set_read

pytestmark = pytest.mark.slapd


@pytest.fixture(scope="module")
def slapd_with_limit(slapd: Slapd) -> Iterator[Slapd]:
    """Eight entries a search and no more."""
    with Slapd(NORTHWIND, size_limit=8) as server:
        yield server


def test_an_incomplete_read_marks_nobody(
    make_app: MakeApp, synced: Flask, slapd_with_limit: Slapd
) -> None:
    # The other server has the same people under other ids, and gives eight of them.
    cut = make_app(**slapd_settings(slapd_with_limit), PEOPLE_LDAP_PAGE_SIZE=3)
    before = people(synced)
    ended = command(cut, "sync")
    assert ended.exit_code == 1
    assert "Incomplete: the server stopped early: sizeLimitExceeded" in ended.stderr
    assert "Nobody was marked as left" in ended.stderr
    after = people(synced)
    assert all(after[h].is_active and after[h].id == p.id for h, p in before.items())
    assert last(synced).status == "incomplete"
    assert "sizeLimitExceeded" in reasons(synced)


def test_what_an_incomplete_read_brings_is_true(
    synced: Flask, changing: Slapd, monkeypatch: pytest.MonkeyPatch
) -> None:
    p = plugin_of(synced)
    changing.modify(change("alice", "replace: title", "title: Astronomer"))
    changing.modify(change("bob", "replace: uid", "uid: bob", "uid: margaret"))
    alice, bob = (
        p.directory.find(f"(uid={uid})", p.schema.attributes)[0] for uid in ("alice", "bob")
    )
    bob = Entry(bob.dn, {**bob.attributes, "uid": [b"margaret"]})
    before = people(synced)

    def broken() -> Iterator[Entry]:
        yield from (alice, bob)
        raise IncompleteRead("the read failed partway")

    set_read(monkeypatch, broken)
    assert run(synced).incomplete
    after = people(synced)
    assert after["alice"].title == "Astronomer"
    # Dana was not read: that Alice reports to her is still the last that is known.
    assert after["alice"].manager_id == before["dana"].id
    assert after["margaret"].id == before["margaret"].id
    assert after["margaret~2"].id == before["bob"].id


def test_part_of_the_people_by_other_settings_needs_a_full_run(
    synced: Flask, make_app: MakeApp, slapd_with_limit: Slapd, slapd: Slapd
) -> None:
    command(synced, "sync")
    by_other_settings = slapd_settings(slapd_with_limit) | {"PEOPLE_LDAP_PAGE_SIZE": 3}
    by_other_settings["PEOPLE_LDAP_ATTRIBUTES"] = {"title": "uid"}
    assert command(make_app(**by_other_settings), "sync").exit_code == 1
    assert last(synced).status == "incomplete"
    command(synced, "sync")
    assert last(synced).kind == "full"
