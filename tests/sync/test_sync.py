"""From a real directory to rows: the first run, and the run that finds nothing new."""

import pytest
from flask import Flask

from intranet_people.sync.staged import PhotoSource

from ..conftest import MakeApp, plugin_of, slapd_settings
from ..servers.slapd import Slapd
from .conftest import (
    change,
    command,
    counted,
    dn,
    doubtful,
    entry,
    found,
    ldif,
    people,
    rows_of,
    run,
    set_entries,
    transactions,
)

pytestmark = pytest.mark.slapd
B = Slapd.base_dn
WRITES = ("INSERT", "UPDATE", "DELETE")


def test_the_first_run(app: Flask) -> None:
    report = run(app)
    assert report.counts == {
        "read": 12,
        "joined": 12,
        "changed": 0,
        "left": 0,
        "returned": 0,
        "unchanged": 0,
        "disabled": 0,
        "hidden": 0,
        "shown": 0,
    }
    everyone = people(app)
    assert len(everyone) == 12
    joerg = everyone["joerg"]
    assert (joerg.name, joerg.given_name, joerg.surname) == ("Jörg Dreßler", "Jörg", "Dreßler")
    assert (joerg.title, joerg.team, joerg.office) == ("Firmware Developer", "Firmware", "2.07")
    assert (joerg.city, joerg.mail) == ("Dresden", "joerg@northwind.example")
    assert everyone["bob"].phones == ["+31 10 555 0115", "+31 10 555 0199"]
    assert everyone["oluwaseun"].mail == "oluwaseun.adeyemi@northwind.example"
    assert everyone["tomasz"].mail == ""
    assert all(len(p.directory_id) == 36 and p.is_active and p.is_new for p in everyone.values())


def test_managers(synced: Flask) -> None:
    everyone = people(synced)
    boss = {h: p.manager_id for h, p in everyone.items()}
    assert boss["margaret"] is None
    assert boss["dana"] == boss["priya"] == everyone["margaret"].id
    assert boss["alice"] == boss["bob"] == everyone["dana"].id


def test_photos_are_kept_under_their_digest_and_broken_ones_are_not(synced: Flask) -> None:
    everyone = people(synced)
    digest = everyone["dana"].photo_digest
    assert digest
    with synced.app_context():
        source = plugin_of(synced).session.get_one(PhotoSource, digest)
        # The photo itself is not kept twice.
        assert (source.data, source.problem) == (None, None)
    assert everyone["alice"].photo_digest is None
    assert everyone["ines"].photo_digest is None
    assert [who for who, what in doubtful(synced) if "photo" in what] == ["ines"]


def test_the_last_step_is_brief_whatever_comes(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite has one writer, and others wait as long as the last transaction takes: it has as
    many statements for a thousand people as for ten, and nothing is read or worked out in it."""

    def statements_of(number: int, title: bytes) -> list[str]:
        people = [entry(f"p{n}", title=title, manager=dn("p0").encode()) for n in range(number)]
        set_entries(monkeypatch, people)
        with transactions(app) as done:
            run(app)
        (last_step,) = [t for t in done if any("UPDATE people_sync_state" in s for s in t)]
        return last_step

    few, many = statements_of(10, b"Pilot"), statements_of(1200, b"Pilot")
    assert len(many) <= len(few) + 8
    few, many = statements_of(1200, b"Captain"), statements_of(1200, b"Captain")
    assert len(few) <= len(many) + 3
    assert len(many) < 15
    assert {p.title for p in people(app).values()} == {"Captain"}


def test_everyone_is_found_by_words(synced: Flask) -> None:
    for handle in people(synced):
        assert found(synced, handle) == [handle]


def test_a_second_run_writes_its_own_record_and_nothing_else(synced: Flask) -> None:
    before = rows_of(synced)
    with counted(synced) as statements:
        report = run(synced)
    assert report.counts["unchanged"] == 12
    writes = [s for s in statements if s.startswith(WRITES)]
    tables = {"people_sync_run", "people_lease", "people_sync_state"}
    asked = [s for s in writes if not any(table in s for table in tables)]
    # Managers and marks are compared within the database: what differs would be written.
    assert all(s.startswith("UPDATE people_person SET manager_id") for s in asked), asked
    assert rows_of(synced) == before


def test_several_values_in_another_order_are_no_change(synced: Flask, changing: Slapd) -> None:
    changing.modify(
        change(
            "bob",
            "replace: telephoneNumber",
            "telephoneNumber: +31 10 555 0199",
            "telephoneNumber: +31 10 555 0115",
        )
    )
    assert run(synced).counts["unchanged"] == 12


def test_a_change_is_written_to_the_one_person(synced: Flask, changing: Slapd) -> None:
    before = people(synced)
    changing.modify(change("alice", "replace: title", "title: Astronomer"))
    report = run(synced)
    assert report.changed == [before["alice"].id]
    assert people(synced)["alice"].title == "Astronomer"
    assert found(synced, "astro") == ["alice"]
    assert "alice" not in found(synced, "calibration engineer")


def test_more_than_a_page_and_a_newcomer(make_app: MakeApp, changing_slapd: Slapd) -> None:
    app = make_app(**slapd_settings(changing_slapd), PEOPLE_LDAP_PAGE_SIZE=5)
    assert run(app).counts["joined"] == 12
    changing_slapd.add(ldif("noor", "mail: noor@northwind.example", cn="Noor de Wit"))
    report = run(app)
    assert report.joined == [people(app)["noor"].id]


def test_a_manager_who_is_themselves_or_elsewhere_is_none(synced: Flask, changing: Slapd) -> None:
    changing.modify(change("alice", "replace: manager", f"manager: uid=alice,ou=people,{B}"))
    changing.modify(change("bob", "replace: manager", "manager: uid=dana,dc=elsewhere"))
    # A circle ends, and is shown as it is.
    changing.modify(change("margaret", "replace: manager", f"manager: UID=Dana, OU=people,{B}"))
    run(synced)
    everyone = people(synced)
    assert everyone["alice"].manager_id is None
    assert everyone["bob"].manager_id is None
    assert everyone["margaret"].manager_id == everyone["dana"].id


def test_the_command_tells_and_ends_well(app: Flask) -> None:
    done = command(app, "sync")
    assert done.exit_code == 0, done.output
    assert "12 read, 12 joined" in done.output
    assert "ines: the photo" in done.stderr


def test_when_somebody_joined_stays_where_the_directory_does_not_say_it(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_entries(monkeypatch, [entry(f"p{n}") for n in range(5)])
    run(app)
    before = {handle: p.joined_at for handle, p in people(app).items()}
    assert not any(p.is_new for p in people(app).values())
    set_entries(monkeypatch, [entry(f"p{n}", title=b"Pilot") for n in range(6)])
    with counted(app) as statements:
        run(app)
    assert len([s for s in statements if "people_person.joined_at \nFROM" in s]) == 1
    after = {handle: p.joined_at for handle, p in people(app).items()}
    assert {h: after[h] for h in before} == before
    assert people(app)["p5"].is_new
