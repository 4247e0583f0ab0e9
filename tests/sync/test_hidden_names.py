"""Those who run the sync are told a hidden person's id, and nothing by which to know them."""

from __future__ import annotations

import json
from base64 import b64encode

import pytest
from flask import Flask
from sqlalchemy import select

from intranet_people.problems import Problem
from intranet_people.sync.history import SyncRun
from intranet_people.sync.report import without_login_name

from ..conftest import MakeApp, plugin_of, slapd_settings
from ..servers.slapd import NORTHWIND, Slapd
from .conftest import PEOPLE_DN, change, command, dn, ldif, noted, people
from .hiding import IS_WITNESS, WITNESS, hidden, hide

pytestmark = pytest.mark.slapd
OF_WILHELMINA = ("wilhelmina", "verhoeven", "secret")
BROKEN_PHOTO = f"jpegPhoto:: {b64encode(b'GIF89a').decode()}"
# Of whom everything is doubtful that can be.
WILHELMINA = ldif(
    "wsecret",
    IS_WITNESS,
    f"l: {'x' * 5000}",
    "mail: bob@northwind.example",
    BROKEN_PHOTO,
    cn="Wilhelmina Verhoeven",
)


@pytest.fixture
def hiding(make_app: MakeApp, changing_slapd: Slapd) -> Flask:
    """The twelve of Northwind, of whom Kenji and Leïla are hidden."""
    hide(changing_slapd, "kenji", "leila")
    app = make_app(**slapd_settings(changing_slapd), PEOPLE_LDAP_HIDDEN=WITNESS)
    command(app, "sync")
    return app


def names_wilhelmina(text: str) -> list[str]:
    return [name for name in OF_WILHELMINA if name in text.lower()]


def recorded(app: Flask) -> str:
    """All that is kept of all runs."""
    with app.app_context():
        runs = plugin_of(app).session.scalars(select(SyncRun)).all()
        words = [[str(Problem(*values)) for _, _, *values in run.problems] for run in runs]
        return json.dumps([[r.reasons, r.problems] for r in runs]) + str(words)


def said(app: Flask, *arguments: str) -> str:
    ended = command(app, *arguments)
    return ended.stdout + ended.stderr


@pytest.mark.parametrize("options", [[], ["--full"]], ids=["changes", "full"])
def test_a_run_and_its_record(hiding: Flask, changing_slapd: Slapd, options: list[str]) -> None:
    changing_slapd.add(WILHELMINA)
    told = said(hiding, "sync", *options)
    id = people(hiding)["wsecret"].directory_id
    status = said(hiding, "status")
    for text in (told, status, recorded(hiding)):
        assert id in text
        assert "l has 5000 characters" in text
        assert "has the same mail address as" in text
        assert names_wilhelmina(text) == []
    # Bob has her mail as well: neither line says whose it is else.
    assert f"{id}: has the same mail address as bob; both are kept" in status
    assert f"{id}: the photo " in status


def test_who_shares_the_mail_of_somebody_hidden(hiding: Flask, changing_slapd: Slapd) -> None:
    mail = people(hiding)["kenji"].mail
    changing_slapd.modify(change("bob", "replace: mail", f"mail: {mail}"))
    changing_slapd.modify(change("alice", "replace: mail", f"mail: {mail}"))
    told = said(hiding, "sync")
    everybody = people(hiding)
    ids = {everybody["kenji"].directory_id, "alice", "bob"}
    lines = [line for line in told.splitlines() if "has the same mail address as" in line]
    assert len(lines) == 2
    assert all(any(id in line for id in ids) for line in lines)
    assert "kenji" not in told


def test_a_login_name_that_is_anothers(hiding: Flask, changing_slapd: Slapd) -> None:
    other = f"ou=osaka,{Slapd.base_dn}"
    changing_slapd.add(f"dn: {other}\nobjectClass: organizationalUnit\nou: osaka\n")
    changing_slapd.add(WILHELMINA)
    said(hiding, "sync")
    changing_slapd.add(WILHELMINA.replace(PEOPLE_DN, other))
    told = said(hiding, "sync")
    assert "has the same login name as another entry, so has a different one here" in told
    for text in (told, said(hiding, "status"), recorded(hiding)):
        assert names_wilhelmina(text) == []


def test_an_entry_that_is_left_out(make_app: MakeApp, slapd: Slapd) -> None:
    """It is nobody here; and yet its DN names her."""
    rule = f'access to dn.exact="{dn("wsecret")}" attrs=entryUUID by * none'
    with Slapd(NORTHWIND, access=[rule]) as server:
        server.add(WILHELMINA)
        app = make_app(**slapd_settings(server), PEOPLE_LDAP_HIDDEN=WITNESS)
        told = said(app, "sync")
    for text in (told, said(app, "status"), recorded(app)):
        assert "(an entry without id)" in text
        assert "has no entryUUID; left out" in text
        assert names_wilhelmina(text) == []


def test_a_dry_run(hiding: Flask, changing_slapd: Slapd) -> None:
    changing_slapd.add(WILHELMINA)
    looked = said(hiding, "sync", "--dry-run")
    assert "1 joined" in looked
    assert "1 hidden, 0 shown" in looked
    assert names_wilhelmina(looked) == []
    said(hiding, "sync")
    id = people(hiding)["wsecret"].directory_id
    assert f"joined: {id}" in looked
    assert f"hidden: {id}" in looked

    changing_slapd.modify(change("wsecret", "replace: cn", "cn: Wilhelmina Secret"))
    looked = said(hiding, "sync", "--dry-run")
    assert f"  changed: {id}\n" in looked
    assert names_wilhelmina(looked) == []

    changing_slapd.delete(dn("wsecret"))
    looked = said(hiding, "sync", "--dry-run")
    assert f"  left: {id}\n" in looked
    assert names_wilhelmina(looked) == []


def test_the_guard_that_refuses_a_run(hiding: Flask, changing_slapd: Slapd) -> None:
    changing_slapd.add(WILHELMINA)
    said(hiding, "sync")
    everybody = people(hiding)
    first = sorted(everybody.values(), key=lambda p: p.sort_key)
    leaving = [p.handle for p in first if p.handle not in ("kenji", "leila", "wsecret")][:5]
    for uid in (*leaving, "wsecret"):
        changing_slapd.delete(dn(uid or ""))
    refused = said(hiding, "sync")
    assert "6/13 people would be marked as left" in refused
    for text in (refused, said(hiding, "status"), recorded(hiding)):
        assert names_wilhelmina(text) == []


def test_what_was_recorded_before_they_were_hidden(hiding: Flask, changing_slapd: Slapd) -> None:
    changing_slapd.add(WILHELMINA.replace(IS_WITNESS, "employeeType: guest"))
    changing_slapd.modify(change("dana", "replace: mail", "mail: alice@northwind.example"))
    before = said(hiding, "sync")
    assert "wsecret: l has 5000 characters" in before
    assert hidden(hiding) == {"kenji", "leila"}
    changing_slapd.modify(change("wsecret", "replace: employeeType", IS_WITNESS))
    # Where the run that hides them has nothing else to say of them.
    with hiding.app_context():
        session = plugin_of(hiding).session
        old = session.scalars(select(SyncRun).order_by(SyncRun.id.desc())).first()
        assert old
        id = people(hiding)["wsecret"].directory_id
        problems = [*old.problems, ["bob", "x", "same-mail", "", id]]
    said(hiding, "sync")
    with hiding.app_context():
        session = plugin_of(hiding).session
        new = session.scalars(select(SyncRun).order_by(SyncRun.id.desc())).first()
        assert new
        new.problems = problems
        session.commit()
    id = people(hiding)["wsecret"].directory_id
    assert (id, "l has 5000 characters; left out") in noted(hiding)
    assert ("bob", f"has the same mail address as {id}; both are kept") in noted(hiding)
    assert names_wilhelmina(str(noted(hiding))) == []


def test_while_it_is_not_known_who_is_hidden_nobody_is_named(
    hiding: Flask, make_app: MakeApp, changing_slapd: Slapd
) -> None:
    changing_slapd.add(WILHELMINA)
    broken = make_app(**slapd_settings(changing_slapd), PEOPLE_LDAP_HIDDEN="(!(l=a)(l=b))")
    told = said(broken, "sync")
    assert "l has 5000 characters" in told
    for text in (told, said(broken, "status"), recorded(broken)):
        assert names_wilhelmina(text) == []


def test_a_login_name_with_a_blank_is_not_told_either() -> None:
    assert "priya" not in str(without_login_name(Problem("same-login-name", "", "priya raman~2")))
