"""Who signs in before any sync brought them, and is hidden: in at once, and never visible."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from intranet_people import person_changed, person_joined
from intranet_people.people.person import Person
from intranet_people.sync.leavers import find_missing
from intranet_people.sync.newcomer import bring_in
from intranet_people.sync.report import SyncReport

from ..conftest import MakeApp, plugin_of, slapd_settings
from ..servers.slapd import Slapd
from ..sync.conftest import command, dn, ldif, people
from ..sync.hiding import IS_WITNESS, WITNESS, hidden, hide, provisionally, show, witnesses
from .conftest import is_signed_in, tries

pytestmark = pytest.mark.slapd
PASSWORD = "userPassword: noor-password"


@pytest.fixture
def hiding(make_app: MakeApp, changing_slapd: Slapd) -> Flask:
    """The twelve of Northwind, of whom Kenji and Leïla are hidden."""
    hide(changing_slapd, "kenji", "leila")
    app = make_app(
        **slapd_settings(changing_slapd), PEOPLE_LDAP_HIDDEN=WITNESS, PEOPLE_SIGN_IN="ldap"
    )
    command(app, "sync")
    return app


def comes(app: Flask, name: str) -> SyncReport:
    """As the sign-in brings them in."""
    with app.app_context():
        here = plugin_of(app)
        with Session(here.session.get_bind()) as session:
            report = bring_in(session, here.directory, here.schema, name)
    assert report is not None
    return report


def test_who_is_hidden_signs_in_and_is_hidden(hiding: Flask, changing_slapd: Slapd) -> None:
    heard: list[bool] = []

    def listen(sender: Flask, person_id: int) -> None:
        heard.append(plugin_of(sender).session.get_one(Person, person_id).is_hidden)

    changing_slapd.add(ldif("noor", IS_WITNESS, PASSWORD))
    client = hiding.test_client()
    with person_joined.connected_to(listen, hiding):
        assert tries(client, "noor", "noor-password").status_code == 303
    assert is_signed_in(client)
    assert heard == [True]
    assert hidden(hiding) == {"kenji", "leila", "noor"}
    assert provisionally(hiding) == set()


def test_who_is_not_is_not_and_nobody_else_is_touched(hiding: Flask, changing_slapd: Slapd) -> None:
    """The answer is about one entry: it says nothing of the others."""
    show(changing_slapd, "kenji")
    changing_slapd.add(ldif("noor"))
    assert comes(hiding, "noor").joined == [people(hiding)["noor"].id]
    assert hidden(hiding) == {"kenji", "leila"}


def test_who_was_hidden_and_is_back_stays_so_until_the_next_sync(
    hiding: Flask, changing_slapd: Slapd
) -> None:
    kenji = people(hiding)["kenji"]
    changing_slapd.delete(dn("kenji"))
    command(hiding, "sync")
    changing_slapd.add(ldif("kenji", f"entryUUID: {kenji.directory_id}"), relax=True)
    assert comes(hiding, "kenji").returned == [kenji.id]
    assert hidden(hiding) == {"kenji", "leila"}
    command(hiding, "sync")
    assert hidden(hiding) == {"leila"}


def test_where_that_cannot_be_read_they_are_hidden(
    hiding: Flask, make_app: MakeApp, changing_slapd: Slapd
) -> None:
    changing_slapd.add(ldif("noor"))
    changing_slapd.add(witnesses("amal"))
    broken = make_app(**slapd_settings(changing_slapd), PEOPLE_LDAP_HIDDEN="(!(l=a)(l=b))")
    for name in ("noor", "amal"):
        assert comes(broken, name).hidden
    assert hidden(broken) == {"kenji", "leila", "noor", "amal"}
    assert provisionally(broken) == {"noor", "amal"}
    command(hiding, "sync")
    assert hidden(hiding) == {"kenji", "leila", "amal"}
    with hiding.app_context():
        left = select(Person.handle).where(Person.hidden_provisionally)
        assert plugin_of(hiding).session.scalars(left).all() == []


@pytest.mark.parametrize("options", [[], ["--full"]], ids=["changes", "full"])
def test_a_run_that_read_before_they_were_hidden_does_not_show_them(
    hiding: Flask, changing_slapd: Slapd, monkeypatch: pytest.MonkeyPatch, options: list[str]
) -> None:
    """They sign in when it has read everybody, and has not merged."""

    def find_when_they_came(*arguments: object) -> list[int]:
        monkeypatch.undo()
        changing_slapd.add(ldif("noor", IS_WITNESS))
        comes(hiding, "noor")
        return find_missing(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("intranet_people.sync.run.find_missing", find_when_they_came)
    for _ in range(2):
        assert command(hiding, "sync", *options).exit_code == 0
        assert hidden(hiding) == {"kenji", "leila", "noor"}


def test_who_is_hidden_and_signs_in_while_a_run_reads_them_too(
    hiding: Flask, changing_slapd: Slapd, monkeypatch: pytest.MonkeyPatch
) -> None:
    changing_slapd.add(ldif("noor", IS_WITNESS))
    heard: list[str | None] = []

    def find_when_they_came(*arguments: object) -> list[int]:
        monkeypatch.undo()
        comes(hiding, "noor")
        return find_missing(*arguments)  # type: ignore[arg-type]

    def listen(sender: Flask, person_id: int) -> None:
        heard.append(plugin_of(sender).session.get_one(Person, person_id).handle)

    monkeypatch.setattr("intranet_people.sync.run.find_missing", find_when_they_came)
    with person_changed.connected_to(listen, hiding):
        assert command(hiding, "sync").exit_code == 0
    assert set(heard) == {"noor"}
    assert hidden(hiding) == {"kenji", "leila", "noor"}
