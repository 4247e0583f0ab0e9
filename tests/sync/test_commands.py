"""What an operator reads: status, check, the signals of a run."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from intranet_people import signals
from intranet_people.db.base import Base
from intranet_people.photos.photo import PhotoReport
from intranet_people.sync.stage import Rows, Stage

from ..conftest import MakeApp, plugin_of, slapd_settings
from ..servers.slapd import Slapd
from .conftest import change, command, dn, last, ldif, people

pytestmark = pytest.mark.slapd


def test_status_before_and_after_a_run(app: Flask) -> None:
    before = command(app, "status")
    assert before.exit_code == 1
    assert "flask people sync" in before.stderr
    command(app, "sync")
    after = command(app, "status")
    assert after.exit_code == 0
    assert "done at " in after.output
    assert "12 read, 12 joined, 0 changed, 0 left, 0 returned, 0 unchanged" in after.output
    assert "ines: the photo " in after.output


def test_status_of_a_run_that_failed(app: Flask, changing_slapd: Slapd) -> None:
    changing_slapd.stop()
    command(app, "sync")
    changing_slapd.start()
    status = command(app, "status").output
    assert "failed at " in status
    assert "no directory server answers" in status


def test_check_says_that_all_is_ready(app: Flask) -> None:
    checked = command(app, "check")
    assert checked.exit_code == 0, checked.output
    assert checked.output.rstrip().endswith("flask people sync")
    assert people(app) == {}


def test_check_ends_with_what_is_to_be_mended(make_app: MakeApp, slapd: Slapd) -> None:
    wrong = {"PEOPLE_LDAP_BIND_PASSWORD": "wrong"}
    checked = command(make_app(**slapd_settings(slapd) | wrong), "check")
    assert checked.exit_code == 1
    assert "PEOPLE_LDAP_BIND_PASSWORD" in checked.output


def test_a_database_without_tables_is_named(make_app: MakeApp, slapd: Slapd) -> None:
    app = make_app(**slapd_settings(slapd))
    with app.app_context():
        Base.metadata.drop_all(app.extensions["sqlalchemy"].engine)
    for name in ("sync", "status"):
        ended = command(app, name)
        assert ended.exit_code == 1
        assert "flask people db upgrade" in ended.stderr
    assert command(app, "db", "upgrade").exit_code == 0
    assert command(app, "sync").exit_code == 0


def test_tables_of_an_older_checkout_are_left_alone(synced: Flask) -> None:
    with synced.app_context():
        engine = synced.extensions["sqlalchemy"].engine
        with engine.begin() as connection:
            connection.execute(text("DROP TABLE people_alembic_version"))
    ended = command(synced, "db", "upgrade")
    assert ended.exit_code == 1
    assert "move or delete this database" in ended.stderr
    assert len(people(synced)) == 12


def test_each_kind_has_its_signal(app: Flask, changing_slapd: Slapd) -> None:
    heard: list[tuple[str, Any]] = []
    connected = []
    for kind in ("joined", "changed", "left", "returned"):

        def listen(sender: object, person_id: int, kind: str = kind) -> None:
            heard.append((kind, person_id))

        connected.append(listen)
        getattr(signals, f"person_{kind}").connect(listen)

    @signals.sync_finished.connect
    def finished(sender: object, status: str, counts: dict[str, int]) -> None:
        heard.append((status, counts["read"]))

    command(app, "sync")
    assert heard[-1] == ("done", 12)
    assert sorted(kind for kind, _ in heard[:-1]) == ["joined"] * 12

    leila = people(app)["leila"]
    heard.clear()
    command(app, "sync", "--dry-run")
    assert heard == []
    changing_slapd.delete(dn("leila"))
    changing_slapd.modify(change("bob", "replace: title", "title: Astronomer"))
    command(app, "sync")
    assert heard == [("changed", people(app)["bob"].id), ("left", leila.id), ("done", 1)]
    heard.clear()
    changing_slapd.add(ldif("leila", f"entryUUID: {leila.directory_id}"), relax=True)
    command(app, "sync")
    assert heard == [("returned", leila.id), ("done", 1)]


def test_the_host_is_told_before_photos_and_calendars(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = []

    @signals.sync_finished.connect
    def finished(sender: object, **facts: object) -> None:
        order.append("told")

    def prepare(*arguments: object) -> PhotoReport:
        order.append("photos")
        return PhotoReport()

    monkeypatch.setattr("intranet_people.photos.commands.prepare", prepare)
    assert command(app, "sync").exit_code == 0
    assert order == ["told", "photos"]


def test_a_receiver_that_fails_stops_neither_the_run_nor_the_others(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    heard = []

    @signals.person_joined.connect
    def failing(sender: object, person_id: int) -> None:
        # As a host would, with the session that it shares with us.
        plugin_of(app).session.execute(text("INSERT INTO no_such_table VALUES (1)"))

    @signals.person_joined.connect
    def hearing(sender: object, person_id: int) -> None:
        heard.append(person_id)

    @signals.sync_finished.connect
    def also_failing(sender: object, **facts: object) -> None:
        raise ZeroDivisionError

    ended = command(app, "sync")
    assert ended.exit_code == 0
    assert "photos made ready" in ended.output
    assert len(heard) == 12
    assert "A receiver of person_joined failed; the action itself is done." in caplog.text
    for fault in ("no_such_table", "ZeroDivisionError"):
        assert fault in caplog.text


def test_what_the_database_refuses_is_told(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def all_the_same(stage: Stage, joiners: Rows) -> None:
        for joiner in joiners:
            joiner["handle"] = "alice"

    monkeypatch.setattr(Stage, "_name", all_the_same)
    ended = command(app, "sync")
    assert ended.exit_code == 1
    assert "The database refuses a row: " in ended.stderr
    assert "Nothing was changed." in ended.stderr
    assert people(app) == {}
    assert last(app).status == "failed"
    monkeypatch.undo()
    assert command(app, "sync").exit_code == 0
