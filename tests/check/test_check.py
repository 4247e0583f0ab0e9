"""`flask people check` against real servers: each fault by its own name, and what mends it."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask_login import LoginManager
from sqlalchemy import inspect, select, text

from intranet_people import IntranetPeople
from intranet_people.check.diagnosis import check
from intranet_people.check.entries import shown
from intranet_people.check.finding import Finding
from intranet_people.check.missing_fields import inactive
from intranet_people.clock import now
from intranet_people.ldap.schemas import PRESETS
from intranet_people.people.person import Person
from intranet_people.sync.history import SyncRun

from .. import SECRET_KEY
from ..conftest import COMPANY, MakeApp, close, plugin_of, slapd_settings
from ..ldap.conftest import directory_of
from ..servers.slapd import NORTHWIND, Slapd
from ..sync.conftest import PEOPLE_DN, change, dn, ldif
from .conftest import CheckWith, checked_app, failed, only, said

pytestmark = pytest.mark.slapd
PHOTO = base64.b64encode(b"\xff\xd8\xff\xe0" + bytes(100)).decode()
# An attribute that may hold any bytes, in OpenLDAP's arc for experiments.
PORTRAIT = (
    "attributetype ( 1.3.6.1.4.1.4203.666.11.94.3 NAME 'portrait'"
    " SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 )",
    "attributetype ( 1.3.6.1.4.1.4203.666.11.94.4 NAME 'workMail' EQUALITY caseIgnoreMatch"
    " SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )",
    "objectclass ( 1.3.6.1.4.1.4203.666.11.94.5 NAME 'portrayed' SUP top AUXILIARY"
    " MAY ( portrait $ workMail ) )",
)


def test_all_is_well(check_with: CheckWith, slapd: Slapd) -> None:
    found = check_with()
    assert failed(found) == []
    assert str(found[-1]) == "ok   Ready: flask people sync"
    told = [f.what for f in found]
    for n, begin in enumerate(
        (
            f"Server {slapd.ldaps_uri}",
            "localhost is 127.0.0.1",
            f"Connected to port {slapd.ldaps_port} in ",
            "TLSv1.3: the certificate is for localhost, ",
            f"The service account {slapd.service_dn} is let in.",
            "It is OpenLDAP, as the preset inetorgperson expects.",
            f"PEOPLE_LDAP_BASE_DN {slapd.base_dn} is there.",
            "From the next full run on, what changed is read by syncrepl",
            "12 people match (objectClass=inetOrgPerson).",
            "uid=margaret,",
        )
    ):
        assert told[n].startswith(begin), told[n]
    assert "signed by Northwind test CA, for another 29 days" in told[3]
    assert "renewed soon" in found[3].hint


def test_nothing_is_written(check_with: CheckWith, make_app: MakeApp, slapd: Slapd) -> None:
    app = make_app(**slapd_settings(slapd))
    checked_app(app)
    with app.app_context():
        session = plugin_of(app).session
        assert session.scalars(select(Person)).all() == []
        assert session.scalars(select(SyncRun)).all() == []


def test_five_as_they_would_be_mapped(check_with: CheckWith) -> None:
    found = check_with()
    entries = [f for f in found if f.what.startswith("uid=")]
    assert len(entries) == 5
    dana = said(found, "^uid=dana,")
    assert dana.what == f"{dn('dana')}: active"
    lines = [" ".join(line.split()) for line in dana.lines]
    assert "handle uid dana" in lines
    assert "name displayName Dana Whitfield" in lines
    assert "office physicalDeliveryOfficeName 3.12" in lines
    assert f"manager manager {dn('margaret')}" in lines
    assert "photo jpegPhoto 726 bytes, JPEG" in lines
    assert "time_zone (not mapped) -" in lines
    bob = [" ".join(line.split()) for line in said(found, "^uid=bob,").lines]
    assert "phones telephoneNumber +31 10 555 0115, +31 10 555 0199" in bob
    margaret = [" ".join(line.split()) for line in said(found, "^uid=margaret,").lines]
    assert "office physicalDeliveryOfficeName 5.01" in margaret
    assert "photo jpegPhoto -" in margaret


def test_extra_fields_are_shown(check_with: CheckWith) -> None:
    found = check_with(PEOPLE_LDAP_EXTRA_FIELDS={"Number": "employeeNumber"})
    lines = [" ".join(line.split()) for line in said(found, "^uid=dana,").lines]
    assert "Number employeeNumber 1002" in lines


def test_a_base_that_is_not_there(check_with: CheckWith, slapd: Slapd) -> None:
    wrong = only(check_with(PEOPLE_LDAP_BASE_DN="ou=gone,dc=northwind,dc=example"))
    assert wrong.what.startswith("ou=gone,dc=northwind,dc=example does not exist")
    assert "PEOPLE_LDAP_BASE_DN" in wrong.what
    assert wrong.hint == f"The server holds {slapd.base_dn}."


def test_strangers_may_read_nothing(check_with: CheckWith) -> None:
    found = check_with(PEOPLE_LDAP_BIND_DN="", PEOPLE_LDAP_BIND_PASSWORD=None)
    assert "set PEOPLE_LDAP_BIND_DN" in only(found).hint


def test_a_filter_that_finds_nobody(check_with: CheckWith) -> None:
    wrong = only(check_with(PEOPLE_LDAP_PERSON_FILTER="(uid=nobody)"))
    assert wrong.what == "Nobody matches (uid=nobody): check PEOPLE_LDAP_PERSON_FILTER."
    assert "preset inetorgperson finds some: (objectClass=inetOrgPerson)" in wrong.hint


def test_a_filter_that_is_none(check_with: CheckWith) -> None:
    wrong = only(check_with(PEOPLE_LDAP_PERSON_FILTER="((uid=nobody)"))
    assert "is no filter (RFC 4515): check PEOPLE_LDAP_PERSON_FILTER" in wrong.what


def test_another_preset_fits(check_with: CheckWith) -> None:
    found = check_with(
        PEOPLE_LDAP_SCHEMA="389ds", PEOPLE_LDAP_PERSON_FILTER="(objectClass=inetOrgPerson)"
    )
    assert said(found, "^It is OpenLDAP").hint == (
        "PEOPLE_LDAP_SCHEMA is 389ds; the preset of this directory is inetorgperson."
    )
    wrong = only(found)
    assert wrong.what == "12 of 12 are left out: without nsUniqueId."
    assert setting(wrong) == {"id": "entryUUID"}


def setting(finding: Finding) -> object:
    """What the hint says for PEOPLE_LDAP_ATTRIBUTES, as an environment variable takes it."""
    return json.loads(finding.hint.partition("PEOPLE_LDAP_ATTRIBUTES=")[2])


def test_what_is_elsewhere(check_with: CheckWith) -> None:
    with Slapd(NORTHWIND, schema_lines=PORTRAIT) as server:
        for uid in ("alice", "bob"):
            server.modify(
                change(uid, "add: objectClass", "objectClass: portrayed")
                + f"-\nadd: portrait\nportrait:: {PHOTO}\n-\nadd: workMail\n"
                + f"workMail: {uid}@northwind.example\n"
            )
        overrides = {"time_zone": "preferredLanguage"}
        nowhere = {"mail": "rfc822Mailbox2", "photo": "thumbnailPhoto", "title": "personalTitle"}
        found = check_with(server, PEOPLE_LDAP_ATTRIBUTES=overrides | nowhere)
    assert failed(found) == []
    everything = overrides | nowhere
    mail = said(found, r"^Nobody has a mail address \(rfc822Mailbox2\)")
    assert setting(mail) == everything | {"mail": "mail"}
    photo = said(found, r"^Nobody has a photo \(thumbnailPhoto\)")
    assert setting(photo) == everything | {"photo": "jpegPhoto"}
    assert setting(said(found, "^Nobody has a title")) == everything | {"title": "title"}
    assert "PEOPLE_TIME_ZONE" in said(found, "^Nobody has a time zone").hint


def test_an_attribute_that_nobody_knows_of(check_with: CheckWith) -> None:
    """It is found by how its values look."""
    with Slapd(schema_lines=PORTRAIT) as server:
        server.add(NORTHWIND_WITHOUT_PEOPLE)
        server.add(
            ldif("noor", f"portrait:: {PHOTO}", "workMail: noor@northwind.example").replace(
                "objectClass: inetOrgPerson", "objectClass: inetOrgPerson\nobjectClass: portrayed"
            )
        )
        found = check_with(server)
    assert setting(said(found, "^Nobody has a mail address")) == {"mail": "workmail"}
    assert setting(said(found, "^Nobody has a photo")) == {"photo": "portrait"}
    assert '{"city": "..."}' in said(found, "^Nobody has a city").hint


NORTHWIND_WITHOUT_PEOPLE = NORTHWIND.read_text().partition("# The one who has no manager")[0]


def test_a_login_name_that_nobody_has(check_with: CheckWith) -> None:
    wrong = only(check_with(PEOPLE_LDAP_ATTRIBUTES={"handle": "sAMAccountName"}))
    assert wrong.what == "Nobody has a login name (sAMAccountName)."
    assert setting(wrong) == {"handle": "uid"}


def test_doubts(check_with: CheckWith, changing_slapd: Slapd) -> None:
    changing_slapd.add(ldif("noor", "uid: alice", f"manager: cn=boss,ou=far,{Slapd.base_dn}"))
    changing_slapd.add(
        f"dn: cn=alice,{PEOPLE_DN}\nobjectClass: inetOrgPerson\ncn: alice\nsn: alice\nuid: ALICE\n"
    )
    found = check_with(PEOPLE_LDAP_BASE_DN=PEOPLE_DN)
    twice = said(found, "^1 login names are those of more than one entry")
    assert twice.ok is None
    assert twice.lines == (f"alice: {dn('alice')}; cn=alice,{PEOPLE_DN}",)
    assert said(found, "^Without a mail address: 3 of 14").ok is None
    outside = said(found, f"managers are outside {PEOPLE_DN}")
    assert f"cn=boss,ou=far,{Slapd.base_dn}" in outside.hint
    assert found[-1].ok


def test_accounts_that_are_not_active(check_with: CheckWith, slapd: Slapd) -> None:
    assert [f for f in check_with() if "are left out" in f.what] == []
    schema = replace(PRESETS["inetorgperson"], account={"pwdAccountLockedTime": "for good"})
    bob, dana = directory_of(slapd).find("(|(uid=bob)(uid=dana))", schema.attributes)
    bob.attributes["pwdaccountlockedtime"] = [b"000001010000Z"]
    found = list(inactive([bob, dana], schema, now()))
    assert [f.what for f in found] == ["1 of 2 are left out: locked (pwdAccountLockedTime)."]
    assert (
        "the account is locked (pwdAccountLockedTime), so is left out"
        in shown(bob, schema, now()).what
    )


def test_groups(check_with: CheckWith, changing_slapd: Slapd) -> None:
    groups = f"ou=groups,{Slapd.base_dn}"
    none = only(check_with(PEOPLE_LDAP_GROUP_BASE_DN=groups))
    assert none.what.startswith(f"No group below {groups} matches ")
    group = f"dn: cn={{}},{groups}\nobjectClass: groupOfNames\ncn: {{}}\nmember: {{}}\n"
    changing_slapd.add(group.format("ghosts", "ghosts", f"cn=gone,{Slapd.base_dn}"))
    ghosts = said(check_with(PEOPLE_LDAP_GROUP_BASE_DN=groups), "^1 groups below")
    assert ghosts.ok is None
    assert "0 of 12 people are in one" in ghosts.what
    changing_slapd.add(group.format("lab", "lab", f"{dn('alice')}\nmember: {dn('bob')}"))
    found = check_with(PEOPLE_LDAP_GROUP_BASE_DN=groups)
    assert said(found, "^2 groups below .*; 2 of 12 people are in one").ok
    gone = only(check_with(PEOPLE_LDAP_GROUP_BASE_DN=f"ou=gone,{Slapd.base_dn}"))
    assert gone.what.startswith("The groups cannot be read: ")
    assert "PEOPLE_LDAP_GROUP_BASE_DN" in gone.hint


def test_a_database_without_tables(open_app: MakeApp, database_url: str, slapd: Slapd) -> None:
    app = open_app(SQLALCHEMY_DATABASE_URI=database_url, **slapd_settings(slapd))
    with app.app_context():
        engine = app.extensions["sqlalchemy"].engine
    wrong = only(checked_app(app))
    assert wrong.what.endswith(" answers; the tables are missing.")
    assert wrong.hint == "flask people db upgrade"
    assert inspect(engine).get_table_names() == []


def test_tables_of_another_version(make_app: MakeApp, slapd: Slapd) -> None:
    app = make_app(**slapd_settings(slapd))
    with app.app_context():
        engine = app.extensions["sqlalchemy"].engine
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE people_sync_run DROP COLUMN kind"))
    wrong = only(checked_app(app))
    assert "without people_sync_run.kind: restore a backup" in wrong.what


def test_a_database_that_does_not_answer(open_app: MakeApp) -> None:
    app = open_app(SQLALCHEMY_DATABASE_URI="sqlite:////no/such/folder/people.db", **COMPANY)
    wrong = only(checked_app(app))
    assert wrong.what.startswith("The database does not answer: ")
    assert "SQLALCHEMY_DATABASE_URI" in wrong.hint


def test_the_embedded_company(make_app: MakeApp) -> None:
    found = checked_app(make_app(**COMPANY))
    assert found[-1].what == "Ready: flask people sync"
    assert said(found, "120 people match").ok
    assert [f.what for f in found if f.ok is None] == [
        "Server embedded:intranet_people.demo.company",
        "embedded:intranet_people.demo.company is a directory in memory, for demos and tests.",
        "Without PEOPLE_CALENDARS nobody sees a meeting.",
    ]


CALENDAR = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//tests//\r\nEND:VCALENDAR\r\n"


def test_calendars(make_app: MakeApp, tmp_path: Path) -> None:
    files = f"ics+file://{tmp_path}/{{handle}}.ics"
    secret = "ics+http://reader:pw@127.0.0.1:1/{mail}/calendar.ics?key=s3cret"
    app = make_app(**COMPANY, PEOPLE_CALENDARS=[files, secret])
    found = checked_app(app)
    tried = said(found, f"^Calendars, {re.escape(files)}: none is there for ")
    assert tried.ok is None
    down = said(found, "^Calendars, ics.http://127.0.0.1:1/")
    assert down.ok is False
    assert "pw" not in str(down)
    assert "s3cret" not in str(down)
    handles = tried.what.partition(" for ")[2].rstrip(".").split(", ")
    assert len(handles) == 5
    (tmp_path / f"{handles[4]}.ics").write_text(CALENDAR)
    assert said(checked_app(app), f": {handles[4]}'s can be read").ok


def test_a_calendar_of_the_host_that_raises(make_app: MakeApp) -> None:
    class Odd:
        def read(self, *arguments: object) -> object:
            raise ZeroDivisionError("a fault of theirs")

    app = make_app(**COMPANY)
    plugin_of(app).calendars.append(Odd())  # type: ignore[arg-type]
    wrong = only(checked_app(app))
    assert wrong.what == (
        "Calendars, the host's Odd: the source failed: ZeroDivisionError: a fault of theirs."
    )


def test_it_is_told_as_it_is_found(make_app: MakeApp, slapd: Slapd) -> None:
    """An operator sees where it hangs."""
    uris = f"{slapd.ldaps_uri} ldaps://localhost:1"
    app = make_app(**slapd_settings(slapd) | {"PEOPLE_LDAP_URI": uris})
    with app.app_context():
        steps = check(plugin_of(app))
        assert next(steps).what == f"Server {slapd.ldaps_uri}"
        assert next(steps).what.startswith("localhost is ")
        slapd.pause()
        try:
            assert next(steps).what.startswith("Connected to port ")
        finally:
            slapd.resume()
        assert next(steps).what.startswith("TLSv1.3")
        steps.close()


def test_a_finding_on_a_terminal() -> None:
    finding = Finding(False, "It is wrong.", "Mend it.", ("as it is", "and this"))
    assert str(finding) == "NO   It is wrong.\n     > Mend it.\n       as it is\n       and this"
    assert str(Finding(None, "A remark.")) == "--   A remark."


def test_a_host_that_cannot_say_who_is_signed_in(company_url: str) -> None:
    app = Flask("bakery")
    app.config.update(SECRET_KEY=SECRET_KEY, SQLALCHEMY_DATABASE_URI=company_url, **COMPANY)
    IntranetPeople(app)
    try:
        found = checked_app(app)
        assert said(found, "^Nobody can be signed in").ok is False
        assert "viewer=lambda" in said(found, "^Nobody can be signed in").what
        LoginManager(app).user_loader(lambda id: None)
        assert found[-1].ok is False
        assert checked_app(app)[-1].ok
    finally:
        close(app)
