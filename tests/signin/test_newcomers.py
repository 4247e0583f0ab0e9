"""Who may sign in and whom no sync has brought yet: read from the directory on the spot."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import escape as html
from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError

from intranet_people import person_joined, person_returned
from intranet_people.people.person import Person, SyncState
from intranet_people.search.query import search
from intranet_people.signin.views import REFUSED
from intranet_people.sync.history import last_run
from intranet_people.sync.staged import PhotoSource

from ..conftest import MakeApp, plugin_of, slapd_settings
from ..servers.slapd import Slapd
from .conftest import is_signed_in, lock, tries, unlock
from .newcomers import NOOR, person, sync

pytestmark = pytest.mark.slapd


def test_a_newcomer_is_in_with_their_first_password(
    synced: Flask, client: FlaskClient, changing_slapd: Slapd
) -> None:
    told = list[int]()

    def listen(sender: Flask, person_id: int) -> None:
        told.append(person_id)

    changing_slapd.add(NOOR)
    with person_joined.connected_to(listen, synced):
        assert tries(client, "Noor", "noor-password").status_code == 303
    noor = person(synced, "noor")
    assert told == [noor.id]
    assert client.get("/people/me").location == "/people/@noor"
    assert (noor.name, noor.title) == ("Noor de Wit", "Optician")
    assert noor.manager_id == person(synced, "alice").id
    with synced.app_context():
        session = plugin_of(synced).session
        assert [hit.person.handle for hit in search(session, Person(id=0), "wit opt")] == ["noor"]
        sources = select(func.count()).select_from(PhotoSource)
        assert session.scalar(sources.where(PhotoSource.digest == noor.photo_offered)) == 1


def test_the_next_sync_knows_them(
    synced: Flask, client: FlaskClient, changing_slapd: Slapd
) -> None:
    with synced.app_context():
        before = plugin_of(synced).session.scalar(select(SyncState.checkpoint))
        run = last_run(plugin_of(synced).session)
    changing_slapd.add(NOOR)
    assert tries(client, "noor", "noor-password").status_code == 303
    noor = person(synced, "noor").id
    with synced.app_context():
        session = plugin_of(synced).session
        assert session.scalar(select(SyncState.checkpoint)) == before
        # A monitor that waits for a sync is not told of one.
        latest = last_run(session)
        assert latest
        assert run
        assert latest.id == run.id
    assert sync(synced) == {"read": 1, "unchanged": 1}
    assert sync(synced, "--full") == {"read": 13, "unchanged": 13}
    assert person(synced, "noor").id == noor


def test_who_comes_before_the_first_sync(make_app: MakeApp, changing_slapd: Slapd) -> None:
    app = make_app(**slapd_settings(changing_slapd))
    client = app.test_client()
    assert tries(client, "alice", "alice-password").status_code == 303
    assert client.get("/people/me").location == "/people/@alice"
    alice = person(app, "alice").id
    assert sync(app) == {"read": 12, "joined": 11, "unchanged": 1}
    assert person(app, "alice").id == alice


def test_a_wrong_password_brings_nobody(
    synced: Flask, client: FlaskClient, changing_slapd: Slapd
) -> None:
    changing_slapd.add(NOOR)
    answer = tries(client, "noor", "wrong")
    assert answer.status_code == 403
    assert html(REFUSED) in answer.text
    assert sync(synced)["joined"] == 1


def test_an_account_that_is_not_active_is_told_as_a_wrong_password(
    client: FlaskClient, changing_slapd: Slapd
) -> None:
    changing_slapd.add(NOOR)
    lock(changing_slapd, "noor")
    answer = tries(client, "noor", "noor-password")
    assert answer.status_code == 403
    assert html(REFUSED) in answer.text
    assert not is_signed_in(client)


def test_who_left_and_is_in_the_directory_again_is_back_at_once(
    synced: Flask, client: FlaskClient, changing_slapd: Slapd
) -> None:
    changing_slapd.add(NOOR)
    sync(synced)
    noor = person(synced, "noor").id
    lock(changing_slapd, "noor")
    assert sync(synced)["left"] == 1
    unlock(changing_slapd, "noor")
    told = list[int]()

    def listen(sender: Flask, person_id: int) -> None:
        told.append(person_id)

    with person_returned.connected_to(listen, synced):
        assert tries(client, "noor", "noor-password").status_code == 303
    assert told == [noor]
    assert client.get("/people/me").location == "/people/@noor"


def test_who_is_back_keeps_their_date_where_the_directory_says_none(
    make_app: MakeApp, changing_slapd: Slapd
) -> None:
    undated = {"PEOPLE_LDAP_ATTRIBUTES": {"joined": "destinationIndicator"}}
    app = make_app(**slapd_settings(changing_slapd), **undated)
    sync(app)
    joined = person(app, "alice").joined_at
    with app.app_context():
        session = plugin_of(app).session
        session.execute(update(Person).where(Person.handle == "alice").values(left_at=joined))
        session.commit()
    assert tries(app.test_client(), "alice", "alice-password").status_code == 303
    back = person(app, "alice")
    assert (back.is_active, back.joined_at) == (True, joined)


def test_a_database_that_fails_brings_nobody(
    synced: Flask, client: FlaskClient, changing_slapd: Slapd, monkeypatch: pytest.MonkeyPatch
) -> None:
    changing_slapd.add(NOOR)

    def failing(*arguments: object, **options: object) -> None:
        raise OperationalError("SELECT", {}, Exception("gone"))

    with monkeypatch.context() as broken:
        broken.setattr("intranet_people.sync.newcomer.assign_handles", failing)
        assert tries(client, "noor", "noor-password").status_code == 503
    assert client.get("/people/health").json["sync"] == "done"  # type: ignore[index]
    assert tries(client, "noor", "noor-password").status_code == 303
