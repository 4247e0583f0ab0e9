"""Who is hidden: in every run, at once, and never visible by a doubtful answer."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select, text

from intranet_people import signals
from intranet_people.people.person import Person

from ..conftest import MakeApp, plugin_of, slapd_settings
from ..servers.slapd import Slapd
from .conftest import change, command, counted, dn, last, ldif, people, rows_of, run, transactions
from .hiding import WITNESS, hidden, hide, show, witnesses

pytestmark = pytest.mark.slapd
EITHER = pytest.mark.parametrize("options", [[], ["--full"]], ids=["changes", "full"])
"""Each holds for a run that reads only what changed, as for one that reads everything."""


@pytest.fixture
def hiding(make_app: MakeApp, changing_slapd: Slapd) -> Flask:
    """The twelve of Northwind, of whom Kenji and Leïla are hidden."""
    hide(changing_slapd, "kenji", "leila")
    app = make_app(**slapd_settings(changing_slapd), PEOPLE_LDAP_HIDDEN=WITNESS)
    sync(app)
    return app


def sync(app: Flask, *options: str) -> dict[str, int]:
    """What it counted, without the zeros and the unchanged."""
    ended = command(app, "sync", *options)
    assert ended.exit_code == 0, ended.output
    assert last(app).kind == ("full" if options or last(app).id == 1 else "changes")
    return {k: n for k, n in last(app).counts.items() if n and k not in ("read", "unchanged")}


def test_in_the_first_run(hiding: Flask) -> None:
    assert hidden(hiding) == {"kenji", "leila"}
    assert last(hiding).counts["hidden"] == 2
    assert len(people(hiding)) == 12


@EITHER
def test_who_joins_hidden_arrives_hidden(
    hiding: Flask, changing_slapd: Slapd, options: list[str]
) -> None:
    changing_slapd.add(witnesses("noor"))
    changing_slapd.add(ldif("amal"))
    with transactions(hiding) as done:
        assert sync(hiding, *options) == {"joined": 2, "hidden": 1}
    assert hidden(hiding) == {"kenji", "leila", "noor"}
    (arrival,) = [some for some in done if any("people_sync_state SET run_id" in s for s in some)]
    assert any("people_person SET is_hidden" in s for s in arrival), "in one transaction"


def test_who_joins_hidden_is_seen_by_nobody_at_any_commit(
    hiding: Flask, changing_slapd: Slapd
) -> None:
    changing_slapd.add(witnesses("noor"))
    seen: list[bool] = []
    with hiding.app_context():
        engine = hiding.extensions["sqlalchemy"].engine
    query = select(Person.is_hidden).where(Person.handle == "noor")

    def look(connection: Any) -> None:
        with engine.connect() as other:
            seen.extend(other.execute(query).scalars())

    event.listen(engine, "commit", look)
    try:
        sync(hiding)
    finally:
        event.remove(engine, "commit", look)
    assert seen
    assert all(seen)


@EITHER
def test_who_becomes_hidden_is_hidden_by_the_next_run(
    hiding: Flask, changing_slapd: Slapd, options: list[str]
) -> None:
    hide(changing_slapd, "bob")
    assert sync(hiding, *options)["hidden"] == 1
    assert hidden(hiding) == {"bob", "kenji", "leila"}


def test_nobodys_entry_need_change_for_it(
    hiding: Flask, make_app: MakeApp, changing_slapd: Slapd
) -> None:
    """As where the operator writes another filter: a run of changes reads nobody, and hides."""
    wider = make_app(**slapd_settings(changing_slapd), PEOPLE_LDAP_HIDDEN=f"(|{WITNESS}(uid=bob))")
    assert sync(wider) == {"hidden": 1}
    assert last(wider).counts["read"] == 0
    assert hidden(wider) == {"bob", "kenji", "leila"}


@EITHER
def test_who_is_hidden_no_longer_is_shown(
    hiding: Flask, changing_slapd: Slapd, options: list[str]
) -> None:
    show(changing_slapd, "kenji")
    assert sync(hiding, *options)["shown"] == 1
    assert hidden(hiding) == {"leila"}


def test_who_is_hidden_otherwise_changes_as_all_do(hiding: Flask, changing_slapd: Slapd) -> None:
    changing_slapd.modify(change("kenji", "replace: title", "title: Astronomer"))
    assert sync(hiding) == {"changed": 1}
    kenji = people(hiding)["kenji"]
    assert (kenji.title, kenji.is_hidden) == ("Astronomer", True)


@EITHER
def test_who_leaves_hidden_stays_hidden(
    hiding: Flask, changing_slapd: Slapd, options: list[str]
) -> None:
    """Their followers would see them else."""
    kenji = people(hiding)["kenji"]
    changing_slapd.delete(dn("kenji"))
    assert sync(hiding, *options) == {"left": 1}
    assert hidden(hiding) == {"kenji", "leila"}
    assert sync(hiding, *options) == {}
    again = ldif("kenji", f"entryUUID: {kenji.directory_id}", "employeeType: witness")
    changing_slapd.add(again, relax=True)
    assert sync(hiding, *options) == {"returned": 1}
    assert hidden(hiding) == {"kenji", "leila"}


@EITHER
def test_who_returns_and_is_hidden_no_longer_is_shown(
    hiding: Flask, changing_slapd: Slapd, options: list[str]
) -> None:
    kenji = people(hiding)["kenji"]
    changing_slapd.delete(dn("kenji"))
    sync(hiding, *options)
    changing_slapd.add(ldif("kenji", f"entryUUID: {kenji.directory_id}"), relax=True)
    assert sync(hiding, *options) == {"returned": 1, "shown": 1}
    assert hidden(hiding) == {"leila"}


@EITHER
def test_who_returns_may_be_hidden_by_then(
    hiding: Flask, changing_slapd: Slapd, options: list[str]
) -> None:
    bob = people(hiding)["bob"]
    changing_slapd.delete(dn("bob"))
    sync(hiding, *options)
    again = ldif("bob", f"entryUUID: {bob.directory_id}", "employeeType: witness")
    changing_slapd.add(again, relax=True)
    assert sync(hiding, *options) == {"returned": 1, "hidden": 1}
    assert hidden(hiding) == {"bob", "kenji", "leila"}


def test_who_has_left_with_an_entry_that_is_hidden_now_is_hidden(
    hiding: Flask, changing_slapd: Slapd
) -> None:
    locked = "pwdAccountLockedTime: 000001010000Z"
    changing_slapd.modify(change("bob", "add: pwdAccountLockedTime", locked))
    assert sync(hiding)["left"] == 1
    hide(changing_slapd, "bob")
    assert sync(hiding)["hidden"] == 1
    assert hidden(hiding) == {"bob", "kenji", "leila"}


def test_nothing_new_writes_nothing_and_costs_the_same_for_each(
    hiding: Flask, changing_slapd: Slapd
) -> None:
    def cost() -> int:
        rows = rows_of(hiding)
        with counted(hiding) as statements:
            run(hiding, full=False)
        assert rows_of(hiding) == rows
        return len(statements)

    few = cost()
    changing_slapd.add(witnesses(*(f"witness{n}" for n in range(30))))
    sync(hiding)
    assert len(hidden(hiding)) == 32
    assert cost() == few


@pytest.mark.parametrize("backend", ["sqlite"])
def test_to_find_them_nobody_else_is_looked_at(hiding: Flask) -> None:
    with hiding.app_context():
        session = plugin_of(hiding).session
        query = select(Person.directory_id).where(Person.is_hidden).compile(session.connection())
        plan = session.execute(text(f"EXPLAIN QUERY PLAN {query}")).one()
    assert plan.detail == "SCAN people_person USING INDEX ix_people_person_id"


def test_without_a_filter_no_search_is_made(
    make_app: MakeApp, changing_slapd: Slapd, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    monkeypatch.setattr("intranet_people.ldap.hidden.Query", lambda *a: asked.append(a))
    hide(changing_slapd, "kenji")
    app = make_app(**slapd_settings(changing_slapd))
    sync(app)
    assert hidden(app) == set()
    assert asked == []


def test_the_host_hears_of_it_once_it_is_true(hiding: Flask, changing_slapd: Slapd) -> None:
    heard: list[tuple[str, bool]] = []

    def listen(sender: Flask, person_id: int) -> None:
        person = plugin_of(sender).session.get_one(Person, person_id)
        heard.append((person.handle or "", person.is_hidden))

    changing_slapd.add(witnesses("noor"))
    show(changing_slapd, "kenji")
    hide(changing_slapd, "bob")
    with (
        signals.person_joined.connected_to(listen, hiding),
        signals.person_changed.connected_to(listen, hiding),
    ):
        sync(hiding)
    assert sorted(heard) == [("bob", True), ("kenji", False), ("noor", True)]
