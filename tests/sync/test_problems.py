"""Entries with problems are kept as far as they can be, and listed."""

import json
from pathlib import Path

import pytest
from flask import Flask

from ..conftest import COMPANY, MakeApp
from ..servers.slapd import Slapd
from .conftest import change, command, entry, found, ldif, noted, people, run, set_entries

BLNS = Path(__file__).parents[2].parent / "shared/corpora/blns.json"


@pytest.mark.slapd
def test_the_same_mail_twice_is_kept_and_listed(synced: Flask, changing: Slapd) -> None:
    changing.modify(change("tomasz", "add: mail", "mail: BOB@northwind.example"))
    run(synced)
    everyone = people(synced)
    assert everyone["tomasz"].mail == everyone["bob"].mail == "bob@northwind.example"
    assert ("tomasz", "has the same mail address as bob; both are kept") in noted(synced)


@pytest.mark.slapd
def test_a_login_name_in_capitals_is_the_same(synced: Flask, changing: Slapd) -> None:
    alice = people(synced)["alice"].id
    changing.modify(change("alice", "replace: uid", "uid: alice", "uid: ALICE-2"))
    changing.add(ldif("NOOR"))
    run(synced)
    assert people(synced)["alice"].id == alice
    assert "noor" in people(synced)


@pytest.mark.slapd
def test_without_a_display_name_or_mail(synced: Flask, changing: Slapd) -> None:
    changing.modify(change("alice", "delete: displayName", "-", "delete: mail"))
    run(synced)
    alice = people(synced)["alice"]
    assert (alice.name, alice.mail) == ("Alice Liddell", "")


@pytest.mark.slapd
def test_naughty_values_from_a_real_server(synced: Flask, changing: Slapd) -> None:
    script = "<script>alert('x')</script>"
    long = "L" * 100_000
    changing.add(
        ldif("mallory", f"title: {script}", f"l: {long}", "title;lang-fr: autre", cn=f"{script} M")
    )
    run(synced)
    mallory = people(synced)["mallory"]
    assert (mallory.name, mallory.title, mallory.city) == (f"{script} M", script, "")
    assert ("mallory", "l has 100000 characters; left out") in noted(synced)


def test_entries_that_no_server_should_send(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(**COMPANY)
    entries = [
        entry("alice", cn=[]),
        entry("bob", entryuuid=[]),
        entry("carol", uid=[], cn=b"Carol"),
        entry("dave", entryuuid=b"id-alice"),
        entry("erin", title=b"\xff\xfe", l=b"Rotter\x00dam", sn=b"E\x00"),
        entry("frank", cn="\u202eknarf\u2066".encode()),
        entry("grace", jpegphoto=b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        entry("heidi", entryuuid=b"id-\x00\xff"),
    ]
    set_entries(monkeypatch, entries)
    run(app)
    everyone = people(app)
    assert everyone["alice"].name == "alice"
    assert everyone["id-carol"].name == "Carol"
    assert everyone["erin"].city == "Rotter dam"
    assert everyone["frank"].name == "knarf"
    assert everyone["heidi"].directory_id == b"id-\x00\xff".hex()
    assert {"bob", "dave"}.isdisjoint(everyone)
    problems = str(noted(app))
    for listed in (
        "has no displayName / cn",
        "has no entryUUID; left out",
        "has no uid, so cannot sign in",
        "has the id of another entry; left out",
        "title is not valid UTF-8; left out",
        "photo is not a JPEG, PNG or WebP",
    ):
        assert listed in problems
    assert "has no displayName / cn" in command(app, "status").output


@pytest.mark.skipif(not BLNS.is_file(), reason="the corpus shared/corpora is not here")
def test_naughty_strings_are_stored_and_searched(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [t.encode("utf-8", "replace") for t in json.loads(BLNS.read_text("utf-8"))]
    fields = ("cn", "displayname", "givenname", "sn", "title", "ou", "l", "mail", "telephonenumber")
    set_entries(
        monkeypatch,
        [entry(f"n{n}", **dict.fromkeys(fields, text)) for n, text in enumerate(texts)],
    )
    report = run(app)
    assert report.counts["joined"] == len(texts)
    assert run(app).counts["unchanged"] == len(texts)
    for handle in ("n0", "n200"):
        assert handle in found(app, handle)
