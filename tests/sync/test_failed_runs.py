"""A run that fails changes nothing, says why, and leaves the way free for the next one."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from intranet_people.jobs.lease import Lease
from intranet_people.ldap.connection import DirectoryError
from intranet_people.problems import Problem
from intranet_people.sync.history import SyncRun
from intranet_people.sync.stage import Rows, Stage
from intranet_people.sync.staged import StagedPerson

from ..conftest import MakeApp, plugin_of, slapd_settings
from ..servers.slapd import NORTHWIND, Slapd
from ..servers.tls import make_certificates
from .conftest import (
    active,
    change,
    command,
    found,
    last,
    people,
    reasons,
    rows_of,
    run,
    set_entries,
)

pytestmark = pytest.mark.slapd


def test_a_directory_that_is_down_changes_nothing(synced: Flask, changing: Slapd) -> None:
    changing.stop()
    ended = command(synced, "sync")
    changing.start()
    assert ended.exit_code == 1
    assert "Nothing was changed" in ended.stderr
    assert len(active(synced)) == 12
    assert last(synced).status == "failed"
    with synced.app_context():
        assert plugin_of(synced).session.scalars(select(Lease)).all() == []
    assert command(synced, "sync").exit_code == 0


def test_what_the_operator_set_wrongly_is_named(
    synced: Flask, make_app: MakeApp, slapd: Slapd
) -> None:
    for setting, value in (
        ("PEOPLE_LDAP_BIND_PASSWORD", "wrong"),
        ("PEOPLE_LDAP_BASE_DN", "ou=gone,dc=northwind,dc=example"),
        ("PEOPLE_LDAP_PERSON_FILTER", "(&(uid=*)"),
    ):
        ended = command(make_app(**slapd_settings(slapd) | {setting: value}), "sync")
        assert ended.exit_code == 1
        assert setting in ended.stderr
        assert len(active(synced)) == 12


@pytest.mark.process
@pytest.mark.parametrize("backend", ["sqlite"])
def test_what_is_wrong_with_the_connection_is_told_apart(
    make_app: MakeApp, slapd: Slapd, tmp_path: Path
) -> None:
    foreign = make_certificates(tmp_path / "foreign").ca_file
    of_another_name = Slapd(NORTHWIND)
    make_certificates(of_another_name.directory / "tls", "DNS:ldap.elsewhere.example")
    app = make_app(**slapd_settings(slapd))
    assert command(app, "sync").exit_code == 0
    rows = rows_of(app)
    with of_another_name, Slapd(NORTHWIND, tls=False) as without_tls:
        wrongs: list[tuple[dict[str, object], str]] = [
            ({"PEOPLE_LDAP_BIND_PASSWORD": "wrong"}, "was refused: invalidCredentials"),
            ({"PEOPLE_LDAP_CA_FILE": str(foreign)}, "self-signed certificate"),
            (slapd_settings(of_another_name), "Hostname mismatch"),
            ({"PEOPLE_LDAP_URI": without_tls.uri}, "refused StartTLS"),
        ]
        for n, (wrong, words) in enumerate(wrongs):
            ended = command(make_app(**slapd_settings(slapd) | wrong), "sync", "--full")
            assert ended.exit_code == 1
            assert "Nothing was changed." in ended.stderr
            told = [words in ended.stderr for _, words in wrongs]
            assert told == [n == m for m in range(len(wrongs))], (words, ended.stderr)
            assert (last(app).status, words in reasons(app)) == ("failed", True)
            assert rows_of(app) == rows


def test_whatever_fails_is_recorded_and_takes_all_back(
    synced: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_entries(monkeypatch, [])

    def failing(*arguments: object, **options: object) -> None:
        raise DirectoryError("the end")

    monkeypatch.setattr("intranet_people.sync.run.merge", failing)
    with pytest.raises(DirectoryError):
        run(synced, max_leavers=None)
    assert len(active(synced)) == 12
    with synced.app_context():
        runs = plugin_of(synced).session.scalars(select(SyncRun).order_by(SyncRun.id)).all()
        assert [r.status for r in runs] == ["done", "failed"]
        assert runs[-1].reasons == [Problem("directory-failed", "", "the end")]


def test_a_password_that_cannot_be_read_is_a_run_that_failed(
    make_app: MakeApp, slapd: Slapd, tmp_path: Path
) -> None:
    secret = tmp_path / "password"
    secret.write_text(slapd.service_password)
    settings = slapd_settings(slapd)
    del settings["PEOPLE_LDAP_BIND_PASSWORD"]
    app = make_app(**settings, PEOPLE_LDAP_BIND_PASSWORD_FILE=str(secret))
    assert command(app, "sync").exit_code == 0
    secret.unlink()
    assert command(app, "sync").exit_code == 1
    assert last(app).status == "failed"
    assert str(secret) in reasons(app)
    with app.app_context():
        assert plugin_of(app).session.scalars(select(Lease)).all() == []


def test_groups_that_cannot_be_read_are_a_run_that_failed(make_app: MakeApp, slapd: Slapd) -> None:
    app = make_app(**slapd_settings(slapd), PEOPLE_LDAP_GROUP_BASE_DN=f"ou=none,{slapd.base_dn}")
    assert command(app, "sync").exit_code == 1
    assert last(app).status == "failed"
    assert people(app) == {}


def test_no_groups_at_all_are_no_reason_for_a_full_run(make_app: MakeApp, slapd: Slapd) -> None:
    app = make_app(**slapd_settings(slapd), PEOPLE_LDAP_GROUP_BASE_DN=slapd.base_dn)
    kinds = [(command(app, "sync").exit_code, last(app).kind) for _ in range(2)]
    assert kinds == [(0, "full"), (0, "changes")]


def test_a_fault_after_the_last_step_is_no_failed_run(
    synced: Flask, changing: Slapd, monkeypatch: pytest.MonkeyPatch
) -> None:
    changing.modify(change("alice", "replace: title", "title: Astronomer"))

    calls = []

    def failing(*arguments: object) -> None:
        calls.append(1)
        if len(calls) > 1:  # the first looks for what was left over
            raise RuntimeError("the disk is full")

    monkeypatch.setattr("intranet_people.sync.run.empty_stage", failing)
    ended = command(synced, "sync")
    assert ended.exit_code == 0
    assert "(tidying up): the disk is full" in ended.stderr
    assert people(synced)["alice"].title == "Astronomer"
    assert last(synced).status == "done"
    monkeypatch.undo()
    assert found(synced, "astronomer") == []
    assert command(synced, "sync").exit_code == 0
    assert found(synced, "astronomer") == ["alice"]
    with synced.app_context():
        assert plugin_of(synced).session.scalars(select(StagedPerson)).all() == []


def test_what_a_database_quotes_is_not_recorded(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def all_the_same(stage: Stage, joiners: Rows) -> None:
        for joiner in joiners:
            joiner["handle"] = "alice"

    monkeypatch.setattr(Stage, "_name", all_the_same)
    assert command(app, "sync").exit_code == 1
    assert last(app).status == "failed"
    for private in ("alice", "@northwind", "Liddell"):
        assert private not in reasons(app)
