"""Who signs in for the first time while a sync is running is one person, and stays."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from intranet_people.jobs.lease import LeaseHandle
from intranet_people.people.person import Person
from intranet_people.sync.leavers import find_missing

from ..conftest import plugin_of
from ..servers.slapd import Slapd
from ..sync.conftest import dn, found, ldif
from .conftest import tries
from .newcomers import NOOR, person, sync

pytestmark = pytest.mark.slapd
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
