"""What a row says of why somebody was found."""

from __future__ import annotations

from typing import Any

import pytest

from intranet_people.people.row import PersonRow
from intranet_people.search.query import Hit
from intranet_people.search.reason import Reason, reasons


@pytest.fixture
def grete() -> Hit:
    person = PersonRow(
        id=1,
        handle="gw7",
        name="Grete Weiß",
        given_name="Margarethe",
        surname="Weiß",
        sort_key="weiss grete",
        title="Director of Engineering",
        team="Leadership",
        office="Elbe 1.07",
        city="Dresden",
        mail="director.weiss@northwind.example",
        photo_digest=None,
        left_at=None,
    )
    return Hit(
        person=person,
        is_followed=False,
        teams=["Leadership", "Fire Wardens"],
    )


def changed(hit: Hit, **values: Any) -> Hit:
    return hit._replace(person=hit.person._replace(**values))


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
def test_reasons(grete: Hit, tokens: list[str], found: list[Reason]) -> None:
    assert reasons(grete, tokens) == found


def test_the_mail_where_it_is_not_the_login_name(grete: Hit) -> None:
    grete = changed(grete, title="")
    assert reasons(grete, ["director"]) == [("Mail", "director.weiss")]
    grete = changed(grete, handle="director.weiss")
    assert reasons(grete, ["director"]) == [("Login name", "director.weiss")]


def test_the_team_is_not_said_twice(grete: Hit) -> None:
    grete = changed(grete, title="")
    assert reasons(grete, ["lead"]) == []
