"""Nobody is marked as left by mistake: a run that would mark many is refused."""

import pytest
from flask import Flask

from ..conftest import MakeApp, slapd_settings
from ..servers.slapd import Slapd
from .conftest import active, command, dn, entry, last, ldif, run, set_entries

pytestmark = pytest.mark.slapd
LEAVING = ("alice", "bob", "joerg", "kenji", "tomasz", "leila")


def test_five_may_leave_at_once(synced: Flask, changing: Slapd) -> None:
    for uid in LEAVING[:5]:
        changing.delete(dn(uid))
    assert command(synced, "sync").exit_code == 0
    assert active(synced).isdisjoint(LEAVING[:5])
    assert len(active(synced)) == 7


def test_the_guard_stops_more_before_anything_is_written(synced: Flask, changing: Slapd) -> None:
    for uid in LEAVING:
        changing.delete(dn(uid))
    changing.add(ldif("noor"))
    refused = command(synced, "sync")
    assert refused.exit_code == 2
    assert "6/12 people would be marked as left" in refused.stderr
    assert "--force" in refused.stderr
    assert len(active(synced)) == 12
    assert last(synced).status == "refused"

    looked = command(synced, "sync", "--dry-run")
    assert looked.exit_code == 0, looked.output
    assert "Would be: 7 read, 1 joined, 0 changed, 6 left" in looked.output
    assert "left: Alice Liddell" in looked.output
    assert "joined: Noor" in looked.output
    assert len(active(synced)) == 12
    assert last(synced).status == "refused"

    assert command(synced, "sync", "--force").exit_code == 0
    assert len(active(synced)) == 7
    assert last(synced).status == "done"


def test_a_wrong_filter_empties_nothing(synced: Flask, make_app: MakeApp, slapd: Slapd) -> None:
    wrong = make_app(**slapd_settings(slapd), PEOPLE_LDAP_PERSON_FILTER="(objectClass=nobody)")
    assert command(wrong, "sync").exit_code == 2
    assert len(active(synced)) == 12


def test_nobody_left_is_no_company(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """However few they are."""
    set_entries(monkeypatch, [entry("alice"), entry("bob")])
    run(app)
    set_entries(monkeypatch, [])
    refused = command(app, "sync")
    assert refused.exit_code == 2
    assert "2/2 people" in refused.stderr
    looked = command(app, "sync", "--dry-run")
    assert "Without --force it would be refused: 2/2" in looked.stdout
    assert command(app, "sync", "--force").exit_code == 0
    assert active(app) == set()
