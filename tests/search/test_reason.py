"""What a row says of why somebody was found."""

from __future__ import annotations

import pytest

from intranet_people.people.person import Person
from intranet_people.search.reason import Reason, reasons


@pytest.fixture
def grete() -> Person:
    return Person(
        name="Grete Weiß",
        given_name="Margarethe",
        surname="Weiß",
        title="Director of Engineering",
        team="Leadership",
        teams=["Leadership", "Fire Wardens"],
        office="Elbe 1.07",
        city="Dresden",
        handle="gw7",
        mail="director.weiss@northwind.example",
    )


@pytest.mark.parametrize(
    ("tokens", "found"),
    [
        ([], []),
        # The row shows it.
        (["weiss"], []),
        (["dresd", "eng"], []),
        (["director"], []),
        # It does not.
        (["marg"], [("Name", "Margarethe Weiß")]),
        (["lead"], [("Team", "Leadership")]),
        (["warden", "fire"], [("Team", "Fire Wardens")]),
        (["elbe", "07"], [("Office", "Elbe 1.07")]),
        (["gw7"], [("Login name", "gw7")]),
        (["grete", "lead", "elbe"], [("Team", "Leadership"), ("Office", "Elbe 1.07")]),
        # Nobody is found by what comes after the @.
        (["northwind"], []),
    ],
)
def test_reasons(grete: Person, tokens: list[str], found: list[Reason]) -> None:
    assert reasons(grete, tokens) == found


def test_the_mail_where_it_is_not_the_login_name(grete: Person) -> None:
    grete.title = ""
    assert reasons(grete, ["director"]) == [("Mail", "director.weiss")]
    grete.handle = "director.weiss"
    assert reasons(grete, ["director"]) == [("Login name", "director.weiss")]


def test_the_team_is_not_said_twice(grete: Person) -> None:
    grete.title = ""
    assert reasons(grete, ["lead"]) == []
