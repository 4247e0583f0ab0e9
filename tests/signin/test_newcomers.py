"""Who may sign in and whom no sync has brought yet: read from the directory on the spot."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import escape as html
from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from intranet_people import person_joined, person_returned
from intranet_people.jobs.lease import LeaseHandle
from intranet_people.people.login_name import LoginName
from intranet_people.people.person import Person, SyncState
from intranet_people.search.query import search
from intranet_people.signin.views import REFUSED
from intranet_people.sync.history import last_run
from intranet_people.sync.leavers import find_missing
from intranet_people.sync.newcomer import bring_in
from intranet_people.sync.report import SyncReport
from intranet_people.sync.staged import PhotoSource

from ..conftest import MakeApp, plugin_of, slapd_settings
from ..servers.slapd import Slapd
from ..sync.conftest import dn, found, ldif
from .conftest import is_signed_in, tries

pytestmark = pytest.mark.slapd
PEOPLE_DN = f"ou=people,{Slapd.base_dn}"
PHOTO = b"\xff\xd8\xff\xe0" + bytes(40)
NOOR = f"""\
dn: uid=noor,{PEOPLE_DN}
objectClass: inetOrgPerson
uid: noor
cn: Noor de Wit
sn: de Wit
title: Optician
manager: uid=alice,{PEOPLE_DN}
jpegPhoto:: {b64encode(PHOTO).decode()}
userPassword: noor-password
"""


def sync(app: Flask, *options: str) -> dict[str, int]:
    """What it counted, without zeros."""
    ended = app.test_cli_runner().invoke(args=["people", "sync", *options])
    assert ended.exit_code == 0, ended.output
    with app.app_context():
        run = last_run(plugin_of(app).session)
    assert run
    return {k: n for k, n in run.counts.items() if n}


def person(app: Flask, handle: str) -> Person:
    with app.app_context():
        session = plugin_of(app).session
        return session.scalars(select(Person).where(Person.handle == handle)).one()


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
        assert [p.handle for p in search(session, Person(id=0), "wit opt")] == ["noor"]
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


def test_while_a_sync_is_running_they_are_in_as_well(
    synced: Flask, client: FlaskClient, changing_slapd: Slapd
) -> None:
    changing_slapd.add(NOOR)
    with synced.app_context():
        session = plugin_of(synced).session
        lease = LeaseHandle(session, "sync")
        assert tries(client, "noor", "noor-password").status_code == 303
        lease.release()
        session.commit()


Meanwhile = Callable[[Callable[[], object]], None]


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    """Does something when the next run has read everybody, and has not merged."""

    def set_up(happens: Callable[[], object]) -> None:
        def find_and_let_happen(*arguments: object) -> list[int]:
            monkeypatch.undo()
            happens()
            return find_missing(*arguments)  # type: ignore[arg-type]

        monkeypatch.setattr("intranet_people.sync.run.find_missing", find_and_let_happen)

    return set_up


def test_whom_a_run_has_read_too_is_one_person(
    synced: Flask, client: FlaskClient, changing_slapd: Slapd, meanwhile: Meanwhile
) -> None:
    """Also for those whom they lead."""
    changing_slapd.add(NOOR)
    changing_slapd.add(ldif("mila", f"manager: {dn('noor')}"))
    ids = list[int]()

    def comes() -> None:
        assert tries(client, "noor", "noor-password").status_code == 303
        ids.append(person(synced, "noor").id)

    meanwhile(comes)
    assert sync(synced) == {"read": 2, "joined": 1, "changed": 1}
    assert [person(synced, "noor").id] == ids
    assert person(synced, "mila").manager_id == ids[0]
    assert found(synced, "noor") == ["noor"]
    assert sync(synced, "--full") == {"read": 14, "unchanged": 14}


@pytest.mark.parametrize("option", [[], ["--full"]], ids=["changes", "full"])
def test_whom_a_run_has_not_read_has_not_left(
    synced: Flask,
    client: FlaskClient,
    changing_slapd: Slapd,
    meanwhile: Meanwhile,
    option: list[str],
) -> None:
    def comes() -> None:
        changing_slapd.add(NOOR)
        assert tries(client, "noor", "noor-password").status_code == 303

    meanwhile(comes)
    assert "left" not in sync(synced, *option)
    assert person(synced, "noor").is_active


def test_who_joins_waits_for_a_login_name_that_was_taken_meanwhile(
    synced: Flask, changing_slapd: Slapd, meanwhile: Meanwhile
) -> None:
    changing_slapd.add(NOOR)
    bob = person(synced, "bob").id

    def takes() -> None:
        with Session(plugin_of(synced).session.get_bind()) as own:
            own.execute(update(Person).where(Person.id == bob).values(handle="noor"))
            own.commit()

    meanwhile(takes)
    assert sync(synced) == {"read": 1, "joined": 1}
    assert person(synced, "noor").id == bob
    sync(synced, "--full")
    assert {person(synced, "noor~2").name, person(synced, "noor").name} == {
        "Noor de Wit",
        "Bob Marsh",
    }


def test_an_account_that_is_not_active_is_told_as_a_wrong_password(
    client: FlaskClient, changing_slapd: Slapd
) -> None:
    changing_slapd.add(NOOR)
    changing_slapd.modify(
        f"dn: uid=noor,{PEOPLE_DN}\nchangetype: modify\nadd: pwdAccountLockedTime\n"
        "pwdAccountLockedTime: 000001010000Z\n"
    )
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
    changing_slapd.modify(
        f"dn: uid=noor,{PEOPLE_DN}\nchangetype: modify\nadd: pwdAccountLockedTime\n"
        "pwdAccountLockedTime: 000001010000Z\n"
    )
    assert sync(synced)["left"] == 1
    changing_slapd.modify(
        f"dn: uid=noor,{PEOPLE_DN}\nchangetype: modify\ndelete: pwdAccountLockedTime\n"
    )
    told = list[int]()

    def listen(sender: Flask, person_id: int) -> None:
        told.append(person_id)

    with person_returned.connected_to(listen, synced):
        assert tries(client, "noor", "noor-password").status_code == 303
    assert told == [noor]
    assert client.get("/people/me").location == "/people/@noor"


# Signed in by a server in front, or by the host.


@pytest.fixture
def by_header(make_app: MakeApp, slapd: Slapd) -> Flask:
    app = make_app(
        **slapd_settings(slapd),
        PEOPLE_SIGN_IN="header",
        PEOPLE_SSO_HEADER="X-User",
        PEOPLE_SSO_TRUSTED_PROXIES="127.0.0.1",
    )
    assert app.test_cli_runner().invoke(args=["people", "sync"]).exit_code == 0
    return app


def page(app: Flask, name: str) -> int:
    return app.test_client().get("/people/", headers={"X-User": name}).status_code


def test_whom_a_proxy_names_is_looked_for(
    by_header: Flask, changing_slapd: Slapd, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = list[str]()

    def noted(*arguments: object) -> object:
        asked.append(str(arguments[3]))
        return bring_in(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("intranet_people.signin.newcomers.bring_in", noted)
    assert page(by_header, "noor") == 403
    changing_slapd.add(NOOR)
    # Not with each request: whoever is not in the directory may be a user of the host all the same.
    assert page(by_header, "noor") == 403
    assert asked == ["noor"]
    plugin_of(by_header).bring_in._not_before.clear()  # type: ignore[attr-defined]
    assert page(by_header, "noor") == 200
    assert page(by_header, "alice") == 200
    assert asked == ["noor", "noor"]


def test_who_was_brought_by_another_request_meanwhile(
    by_header: Flask, changing_slapd: Slapd, monkeypatch: pytest.MonkeyPatch
) -> None:
    changing_slapd.add(NOOR)

    def by_another(*arguments: object) -> SyncReport:
        bring_in(*arguments)  # type: ignore[arg-type]
        return SyncReport(unchanged=1)

    monkeypatch.setattr("intranet_people.signin.newcomers.bring_in", by_another)
    assert page(by_header, "noor") == 200


def test_who_has_another_name_now_is_found_by_it(by_header: Flask, changing_slapd: Slapd) -> None:
    alice = person(by_header, "alice").id
    changing_slapd.modify(
        f"dn: uid=alice,{PEOPLE_DN}\nchangetype: modrdn\nnewrdn: uid=aliddell\ndeleteoldrdn: 1\n"
    )
    assert page(by_header, "aliddell") == 200
    assert person(by_header, "aliddell").id == alice


def test_what_the_host_has_not_committed_stays_its_own(
    by_header: Flask, changing_slapd: Slapd
) -> None:
    changing_slapd.add(NOOR)
    with by_header.test_request_context("/people/", headers={"X-User": "noor"}):
        session = plugin_of(by_header).session
        bob = session.scalars(select(Person).where(Person.handle == "bob")).one()
        bob.title = "not yet"
        with session.no_autoflush:
            plugin_of(by_header).bring_in(LoginName("noor"))
        assert bob in session.dirty
        session.rollback()
    assert person(by_header, "bob").title != "not yet"
    assert person(by_header, "noor").name == "Noor de Wit"


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


def test_a_name_is_no_filter(by_header: Flask) -> None:
    for name in ("*", "al*", "alice)(uid=*", "\\2a", "("):
        assert page(by_header, name) == 403
    assert page(by_header, "a" * 5000) == 401, "no name at all"


def test_a_directory_that_is_down_keeps_only_newcomers_out(
    by_header: Flask, changing_slapd: Slapd, caplog: pytest.LogCaptureFixture
) -> None:
    changing_slapd.stop()
    assert page(by_header, "noor") == 403
    assert "the directory cannot be asked" in caplog.text
    assert page(by_header, "alice") == 200
