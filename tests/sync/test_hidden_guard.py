"""Nobody is shown by mistake: searches that fail, answers with too few, and who may pass."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from intranet_people.sync.guard import is_too_many

from ..conftest import MakeApp, slapd_settings
from ..ldap.wire import Fault, wire
from ..servers.slapd import NORTHWIND, Slapd
from .conftest import command, dn, last, ldif, people, rows_of
from .hiding import FEW_BY_PAGES, WITNESS, hidden, hide, provisionally, show
from .yesterday import with_ids

pytestmark = pytest.mark.slapd
SEVEN = ("alice", "bob", "dana", "joerg", "kenji", "leila", "priya")
BROKEN = "(!(l=Oslo)(l=Osaka))"
"""No filter, though its parentheses are in order."""


@pytest.fixture
def hiding(make_app: MakeApp, changing_slapd: Slapd) -> Flask:
    """The twelve of Northwind, of whom seven are hidden."""
    hide(changing_slapd, *SEVEN)
    app = with_filter(make_app, changing_slapd, WITNESS)
    assert command(app, "sync").exit_code == 0
    return app


def with_filter(make_app: MakeApp, slapd: Slapd, hidden_filter: str) -> Flask:
    return make_app(**slapd_settings(slapd), PEOPLE_LDAP_HIDDEN=hidden_filter)


@pytest.mark.parametrize(
    ("some", "of", "is_stopped"),
    [
        *((0, 0, False), (0, 9, False), (1, 1, True), (1, 2, False), (2, 2, True), (5, 6, False)),
        *((5, 5, True), (6, 7, True), (10, 200, False), (11, 200, True)),
    ],
)
def test_more_than_five_and_the_percentage_or_all(some: int, of: int, is_stopped: bool) -> None:
    assert is_too_many(some, of, 5) == is_stopped


@pytest.mark.parametrize("options", [[], ["--full"]], ids=["changes", "full"])
@pytest.mark.parametrize("setting", ["", "(employeeType=wittness)"], ids=["removed", "misspelt"])
def test_a_filter_that_is_removed_or_misspelt_shows_nobody(
    hiding: Flask, make_app: MakeApp, changing_slapd: Slapd, options: list[str], setting: str
) -> None:
    rows = rows_of(hiding)
    other = with_filter(make_app, changing_slapd, setting)
    refused = command(other, "sync", *options)
    assert refused.exit_code == 2
    assert "7/7 hidden people would be shown. Nothing was changed." in refused.stderr
    assert "PEOPLE_LDAP_HIDDEN was changed or removed" in refused.stderr
    assert "flask people sync --force" in refused.stderr
    assert rows_of(other) == rows
    assert last(other).status == "refused"
    assert command(other, "sync", *options).exit_code == 2, "again and again"

    looked = command(other, "sync", "--dry-run")
    assert looked.exit_code == 0, looked.output
    assert "0 hidden, 7 shown" in looked.stdout
    assert "Without --force it would be refused: 7/7 hidden people" in looked.stdout
    assert rows_of(other) == rows

    assert command(other, "sync", "--force").exit_code == 0
    assert hidden(other) == set()


def test_six_of_seven_are_too_many_and_five_are_not(hiding: Flask, changing_slapd: Slapd) -> None:
    show(changing_slapd, *SEVEN[:6])
    assert "6/7 hidden people would be shown" in command(hiding, "sync").stderr
    hide(changing_slapd, SEVEN[0])
    assert command(hiding, "sync").exit_code == 0
    assert hidden(hiding) == {SEVEN[0], SEVEN[6]}


def test_the_only_one_is_not_shown_by_a_mere_run(hiding: Flask, changing_slapd: Slapd) -> None:
    """That looks as where the service account may no longer read the attribute."""
    show(changing_slapd, *SEVEN[:3])
    assert command(hiding, "sync").exit_code == 0
    show(changing_slapd, *SEVEN[3:6])
    assert command(hiding, "sync").exit_code == 0
    assert hidden(hiding) == {"priya"}
    show(changing_slapd, "priya")
    assert "1/1 hidden people would be shown" in command(hiding, "sync").stderr
    assert command(hiding, "sync", "--force").exit_code == 0
    assert hidden(hiding) == set()


def test_an_attribute_that_may_no_longer_be_searched_shows_nobody(
    make_app: MakeApp, slapd: Slapd, tmp_path: Path
) -> None:
    ldif_file = tmp_path / "northwind.ldif"
    ldif_file.write_text(with_ids(NORTHWIND.read_text("utf-8")), "utf-8")
    denied = ["access to attrs=employeeType by * none"]
    with Slapd(ldif_file) as server, Slapd(ldif_file, access=denied) as other:
        for one in (server, other):
            hide(one, "kenji", "leila")
        assert command(with_filter(make_app, server, WITNESS), "sync").exit_code == 0
        app = with_filter(make_app, other, WITNESS)
        refused = command(app, "sync")
        assert refused.exit_code == 2
        assert "2/2 hidden people would be shown" in refused.stderr
        assert "may no longer read an attribute" in refused.stderr
        assert hidden(app) == {"kenji", "leila"}


def test_both_refusals_are_told_as_force_passes_both(
    hiding: Flask, make_app: MakeApp, changing_slapd: Slapd
) -> None:
    rest = {*people(hiding)} - {*SEVEN}
    for uid in (*rest, "priya"):
        changing_slapd.delete(dn(uid))
    other = with_filter(make_app, changing_slapd, "")
    said = command(other, "sync").stderr
    assert "6/12 people would be marked as left" in said
    assert "6/6 hidden people would be shown" in said


@pytest.fixture
def cut(slapd: Slapd) -> Iterator[Slapd]:
    """Northwind with Kenji and Leïla hidden, from a server that tells of one of them."""
    with Slapd(NORTHWIND, access=[FEW_BY_PAGES]) as server:
        hide(server, "kenji")
        yield server


def failing(make_app: MakeApp, slapd: Slapd) -> Flask:
    """An app whose search for hidden people fails."""
    return with_filter(make_app, slapd, BROKEN)


@pytest.mark.parametrize("options", [[], ["--full"]], ids=["changes", "full"])
def test_where_the_search_fails_nobody_is_shown_and_who_is_new_is_hidden(
    hiding: Flask, make_app: MakeApp, changing_slapd: Slapd, options: list[str]
) -> None:
    gone = people(hiding)["margaret"]
    changing_slapd.delete(dn("margaret"))
    assert command(hiding, "sync").exit_code == 0
    show(changing_slapd, "alice")
    changing_slapd.add(ldif("noor"))
    changing_slapd.add(ldif("margaret", f"entryUUID: {gone.directory_id}"), relax=True)
    changing_slapd.delete(dn("ines"))

    broken = failing(make_app, changing_slapd)
    ended = command(broken, "sync", *options)
    assert ended.exit_code == 1
    assert "The hidden people could not be read: " in ended.stderr
    assert "check PEOPLE_LDAP_HIDDEN" in ended.stderr
    assert "Nobody was marked as left" not in ended.stderr
    assert hidden(broken) == {*SEVEN, "noor", "margaret"}
    assert provisionally(broken) == {"noor", "margaret"}
    # The rest of the run is done.
    assert not people(broken)["ines"].is_active
    assert (last(broken).status, last(broken).counts["hidden"]) == ("incomplete", 2)
    status = command(broken, "status").stdout
    assert "the hidden people could not be read" in status

    assert command(hiding, "sync").exit_code == 0
    assert hidden(hiding) == {*SEVEN} - {"alice"}
    assert provisionally(hiding) == set()


def test_whoever_is_found_before_a_limit_is_hidden(make_app: MakeApp, cut: Slapd) -> None:
    app = with_filter(make_app, cut, WITNESS)
    assert command(app, "sync").exit_code == 0
    assert hidden(app) == {"kenji"}
    hide(cut, "bob", "leila")
    cut.add(ldif("noor"))
    ended = command(app, "sync")
    assert ended.exit_code == 1
    assert "sizeLimitExceeded" in ended.stderr
    found = hidden(app)
    assert {"kenji", "noor"} <= found
    assert found <= {"kenji", "noor", "bob", "leila"}
    assert len(found) == 2 or provisionally(app) == {"noor"}


def test_a_whole_company_that_came_so_is_shown_and_no_guard_stops_it(
    make_app: MakeApp, changing_slapd: Slapd
) -> None:
    hide(changing_slapd, "kenji")
    broken = failing(make_app, changing_slapd)
    assert command(broken, "sync").exit_code == 1
    assert hidden(broken) == provisionally(broken) == {*people(broken)}
    app = with_filter(make_app, changing_slapd, WITNESS)
    assert command(app, "sync").exit_code == 0
    assert hidden(app) == {"kenji"}
    assert provisionally(app) == set()
    assert last(app).counts["shown"] == 11


def test_who_leaves_provisionally_hidden_and_returns_is_shown(
    make_app: MakeApp, changing_slapd: Slapd
) -> None:
    hide(changing_slapd, "kenji", "leila")
    app = with_filter(make_app, changing_slapd, WITNESS)
    command(app, "sync")
    changing_slapd.add(ldif("noor"))
    assert command(failing(make_app, changing_slapd), "sync").exit_code == 1
    noor = people(app)["noor"]
    changing_slapd.delete(dn("noor"))
    assert command(app, "sync").exit_code == 0
    assert hidden(app) == {"kenji", "leila", "noor"}
    changing_slapd.add(ldif("noor", f"entryUUID: {noor.directory_id}"), relax=True)
    assert command(app, "sync").exit_code == 0
    assert hidden(app) == {"kenji", "leila"}


def test_who_comes_with_a_read_that_breaks_off_is_hidden(
    make_app: MakeApp, changing_slapd: Slapd
) -> None:
    with wire(changing_slapd.port, fault=Fault(after=4000)) as line:
        clear = {"PEOPLE_LDAP_STARTTLS": False, "PEOPLE_LDAP_ALLOW_PLAINTEXT": True}
        settings = slapd_settings(changing_slapd) | clear | {"PEOPLE_LDAP_URI": line.uri}
        app = make_app(**settings, PEOPLE_LDAP_HIDDEN=WITNESS)
        ended = command(app, "sync")
    assert ended.exit_code == 1
    assert "The hidden people could not be read: the read failed partway" in ended.stderr
    assert "Nobody was marked as left" in ended.stderr
    assert 0 < len(people(app)) < 12
    assert provisionally(app) == {*people(app)}
