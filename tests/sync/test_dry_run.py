"""A dry run says what a sync would change, and writes nothing."""

import pytest
from flask import Flask

from ..servers.slapd import Slapd
from .conftest import change, command, dn, entry, last, ldif, rows_of, run, set_entries

pytestmark = pytest.mark.slapd


def test_a_dry_run_says_which_field_changes_and_writes_nothing(
    synced: Flask, changing: Slapd
) -> None:
    changing.modify(change("alice", "replace: title", "title: Astronomer"))
    changing.modify(change("bob", "add: mobile", "mobile: +31 6 555 0100"))
    changing.modify(
        change("dana", "delete: jpegPhoto", "-", "replace: manager", f"manager: {dn('bob')}")
    )
    changing.add(ldif("noor", cn="Noor de Wit"))
    changing.delete(dn("leila"))
    rows, runs = rows_of(synced), last(synced).id
    said = command(synced, "sync", "--dry-run")
    assert said.exit_code == 0, said.output
    for line in (
        "Would be: 12 read, 1 joined, 3 changed, 1 left",
        "joined: Noor de Wit (noor)",
        "changed: Alice Liddell (alice): title 'Calibration Engineer' -> 'Astronomer'",
        "mobiles nothing -> +31 6 555 0100",
        "changed: Dana Whitfield (dana): manager; photo removed",
        "left: Leïla Ben Saïd (leila)",
    ):
        assert line in said.stdout, line
    assert rows_of(synced) == rows
    assert last(synced).id == runs


def test_what_a_refused_run_staged_is_no_part_of_a_dry_run(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intranet_people.sync.read.BATCH", 2)
    set_entries(monkeypatch, [entry(f"p{n}") for n in range(10)])
    run(app)
    set_entries(monkeypatch, [entry(f"q{n}") for n in range(8)])
    assert command(app, "sync").exit_code == 2
    looked = command(app, "sync", "--dry-run").stdout
    assert "8 read, 8 joined, 0 changed, 10 left, 0 returned, 0 unchanged" in looked
