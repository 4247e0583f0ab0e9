"""Runs that read only what changed: as cheap as the changes, and as true as a full one."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from intranet_people.clock import now
from intranet_people.people.person import SyncState
from intranet_people.sync.run import FULL_EVERY

from ..conftest import MakeApp, plugin_of, slapd_settings
from ..servers.slapd import NORTHWIND, Slapd
from .conftest import change, command, dn, found, last, ldif, lets_follow, people, rows_of, run

pytestmark = pytest.mark.slapd
OF_2020 = b"rid=000,csn=20200101000000.000000Z#000000#000#000000"


@pytest.fixture(scope="module")
def slapd_with_limit(slapd: Slapd) -> Iterator[Slapd]:
    """The same people, of whom it gives eight a search and no more."""
    with Slapd(NORTHWIND, size_limit=8) as server:
        yield server


def state(app: Flask) -> SyncState:
    with app.app_context():
        return plugin_of(app).session.get_one(SyncState, 1)


def test_only_what_changed_is_read(synced: Flask, changing: Slapd) -> None:
    before = people(synced)
    lets_follow(synced, "bob", "leila")
    changing.modify(change("alice", "replace: title", "title: Astronomer"))
    changing.add(ldif("noor", f"manager: {dn('alice')}", cn="Noor de Wit"))
    changing.delete(dn("leila"))
    changing.modify(
        f"dn: {dn('joerg')}\nchangetype: modrdn\nnewrdn: uid=jdressler\ndeleteoldrdn: 1\n"
    )
    report = run(synced, full=False)
    after = people(synced)
    assert (report.kind, report.read) == ("changes", 3)
    assert sorted(report.changed) == sorted([before["alice"].id, before["joerg"].id])
    assert report.joined == [after["noor"].id]
    assert report.left == [before["leila"].id]
    assert after["noor"].manager_id == before["alice"].id
    assert after["jdressler"].id == before["joerg"].id
    assert found(synced, "astronomer") == ["alice"]
    assert found(synced, "leila") == []
    # A full run finds nothing that this one missed.
    rows = rows_of(synced)
    assert run(synced).counts["unchanged"] == 12
    assert rows_of(synced) == rows


def test_nothing_new_reads_nobody_and_writes_nothing(synced: Flask) -> None:
    rows = rows_of(synced)
    assert run(synced, full=False).counts == dict.fromkeys(
        (
            *("read", "joined", "changed", "left", "returned", "unchanged", "disabled"),
            *("hidden", "shown"),
        ),
        0,
    )
    assert rows_of(synced) == rows


def test_one_who_no_longer_is_a_person_here_has_left(
    make_app: MakeApp, changing_slapd: Slapd
) -> None:
    staff = "(&(objectClass=inetOrgPerson)(!(employeeType=external)))"
    app = make_app(**slapd_settings(changing_slapd), PEOPLE_LDAP_PERSON_FILTER=staff)
    run(app)
    changing_slapd.modify(change("bob", "add: employeeType", "employeeType: external"))
    report = run(app, full=False)
    assert report.kind == "changes"
    assert report.left == [people(app)["bob"].id]


def test_a_manager_who_joins_later_is_found(synced: Flask, changing: Slapd) -> None:
    changing.modify(change("bob", "replace: manager", f"manager: {dn('noor')}"))
    run(synced, full=False)
    assert people(synced)["bob"].manager_id is None
    changing.add(ldif("noor"))
    run(synced, full=False)
    assert people(synced)["bob"].manager_id == people(synced)["noor"].id
    changing.delete(dn("noor"))
    run(synced, full=False)
    assert people(synced)["bob"].manager_id is None


def test_a_manager_who_returns_has_their_reports_again(synced: Flask, changing: Slapd) -> None:
    dana = people(synced)["dana"]
    theirs = {h for h, p in people(synced).items() if p.manager_id == dana.id}
    assert {"alice", "bob"} <= theirs
    changing.delete(dn("dana"))
    run(synced, full=False)
    assert not people(synced)["dana"].is_active
    assert people(synced)["alice"].manager_id is None
    changing.add(ldif("dana", f"entryUUID: {dana.directory_id}"), relax=True)
    assert run(synced, full=False).returned == [dana.id]
    assert {h for h, p in people(synced).items() if p.manager_id == dana.id} == theirs


def test_a_manager_who_is_renamed_is_as_after_a_full_run(synced: Flask, changing: Slapd) -> None:
    """OpenLDAP leaves the old name in the entries of others, where no overlay mends it."""
    rename = "changetype: modrdn\nnewrdn: uid=dmoreau\ndeleteoldrdn: 1\n"
    changing.modify(f"dn: {dn('dana')}\n{rename}")
    run(synced, full=False)
    assert people(synced)["alice"].manager_id is None
    changing.add(ldif("dana", cn="Dana Scully"))
    run(synced, full=False)
    assert people(synced)["alice"].manager_id == people(synced)["dana"].id
    rows = rows_of(synced)
    run(synced)
    assert rows_of(synced) == rows


def test_the_guard_holds_for_changes_too(synced: Flask, changing: Slapd) -> None:
    command(synced, "sync")
    for uid in ("alice", "bob", "joerg", "kenji", "tomasz", "leila"):
        changing.delete(dn(uid))
    refused = command(synced, "sync")
    assert refused.exit_code == 2
    assert "6/12 people would be marked as left" in refused.stderr
    assert last(synced).kind == "changes"
    # What was refused is not forgotten by the next run.
    assert command(synced, "sync").exit_code == 2
    assert all(p.is_active for p in people(synced).values())
    assert command(synced, "sync", "--force").exit_code == 0
    assert sum(p.is_active for p in people(synced).values()) == 6


def test_a_full_run_at_least_daily(synced: Flask) -> None:
    assert run(synced, full=False).kind == "changes"
    with synced.app_context():
        session = plugin_of(synced).session
        session.execute(update(SyncState).values(full_at=now() - FULL_EVERY - timedelta(minutes=1)))
        session.commit()
    assert run(synced, full=False).kind == "full"
    assert run(synced, full=False).kind == "changes"


def test_other_settings_need_a_full_run(synced: Flask, make_app: MakeApp, slapd: Slapd) -> None:
    command(synced, "sync")
    other = make_app(**slapd_settings(slapd), PEOPLE_LDAP_ATTRIBUTES={"title": "uid"})
    command(other, "sync")
    assert last(other).kind == "full"
    assert people(other)["bob"].title == "bob"
    command(other, "sync")
    assert last(other).kind == "changes"


@pytest.mark.parametrize("value", [OF_2020, b"nonsense"])
def test_a_mark_that_is_too_old_or_nonsense_means_a_full_run(synced: Flask, value: bytes) -> None:
    with synced.app_context():
        session = plugin_of(synced).session
        checkpoint = state(synced).checkpoint
        assert checkpoint
        session.execute(
            update(SyncState).values(checkpoint={**checkpoint, "value": b64encode(value).decode()})
        )
        session.commit()
    # A server may take nonsense for a first visit: then the run after that one is full.
    kinds = [run(synced, full=False).kind for _ in range(3)]
    assert "full" in kinds[:2]
    assert kinds[2] == "changes"
    assert all(p.is_active for p in people(synced).values())


def test_an_incomplete_run_keeps_the_last_mark(synced: Flask, changing: Slapd) -> None:
    checkpoint = state(synced).checkpoint
    changing.modify(change("alice", "replace: title", "title: Astronomer"))
    changing.stop()
    assert command(synced, "sync").exit_code == 1
    changing.start()
    assert state(synced).checkpoint == checkpoint
    assert run(synced, full=False).changed == [people(synced)["alice"].id]


def test_a_full_run_that_broke_off_is_made_up_for(
    make_app: MakeApp, slapd: Slapd, slapd_with_limit: Slapd
) -> None:
    """Not forgotten by the next run, which would only ask for changes."""
    app = make_app(**slapd_settings(slapd))
    command(app, "sync")
    cut = make_app(**slapd_settings(slapd_with_limit), PEOPLE_LDAP_PAGE_SIZE=3)
    assert command(cut, "sync", "--full").exit_code == 1
    # That server knows the people by other ids, so the guard has a word to say too.
    command(app, "sync", "--force")
    assert (last(app).kind, last(app).status) == ("full", "done")
