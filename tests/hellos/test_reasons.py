"""A reason to say hi, the line made from it, and what neither may reveal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from intranet_people.follows.follow import follow
from intranet_people.hellos.greeting import Greeting
from intranet_people.hellos.reasons import NO_REASON, Reason, rarest
from intranet_people.people.person import Person

from ..meetings.diaries import Invite, upcoming

Find = Callable[[str], Person]
LAST_WEEK = timedelta(days=-7)


@pytest.fixture
def greeted(session: Session, tomas: Person, now: datetime) -> Callable[[str], Greeting]:
    """Tomás's greeting with one person in the coming meetings."""

    def find(handle: str) -> Greeting:
        greetings = [g for m in upcoming(session, tomas, now) for g in m.to_meet]
        return next(g for g in greetings if g.person.handle == handle)

    return find


Greeted = Callable[[str], Greeting]


@pytest.fixture(autouse=True)
def strangers(session: Session, person: Find) -> None:
    """Tomás and the others have nothing in common, until a test says so."""
    for n, handle in enumerate(("tomas", "dana", "kenji", "priya")):
        one = person(handle)
        one.city, one.team, one.manager_id = f"City {n}", f"Team {n}", None
    session.commit()


def test_both_are_new(
    session: Session, person: Find, tomas: Person, invite: Invite, now: datetime, greeted: Greeted
) -> None:
    invite("tomas", "dana", "kenji")
    tomas.joined_at = now - timedelta(days=29)
    person("dana").joined_at = now - timedelta(days=3)
    session.commit()
    assert greeted("dana").reason.text == "You both joined this month"
    assert "new" in greeted("dana").line
    assert greeted("kenji").reason == NO_REASON
    tomas.joined_at = now - timedelta(days=31)
    session.commit()
    assert greeted("dana").reason == NO_REASON


def test_same_city_in_another_team(
    session: Session, person: Find, tomas: Person, invite: Invite, greeted: Greeted
) -> None:
    invite("tomas", "dana", "kenji")
    for handle in ("dana", "kenji"):
        person(handle).city = tomas.city
    person("kenji").team = tomas.team
    session.commit()
    assert greeted("dana").reason.text == "In City 0, like you"
    assert "City 0" in greeted("dana").line
    assert greeted("kenji").reason == NO_REASON


def test_reports_to_somebody_known(
    session: Session, person: Find, invite: Invite, now: datetime, greeted: Greeted
) -> None:
    invite("tomas", "dana", uid="last week", starts_in=LAST_WEEK)
    invite("tomas", "kenji")
    person("kenji").manager_id = person("dana").id
    session.commit()
    assert greeted("kenji").reason.text == "Reports to Dana Whitfield, whom you know"
    assert "I know Dana" in greeted("kenji").line or "Dana and I" in greeted("kenji").line
    person("dana").is_hidden = True
    session.commit()
    assert greeted("kenji").reason == NO_REASON
    assert "Dana" not in greeted("kenji").line


def test_whom_i_follow_is_a_reason_but_not_in_the_line(
    session: Session, person: Find, tomas: Person, invite: Invite, greeted: Greeted
) -> None:
    invite("tomas", "dana")
    person("dana").team = person("priya").team
    follow(session, tomas, person("priya"))
    session.commit()
    greeting = greeted("dana")
    assert greeting.reason.text == "In the same team as Priya Raman, whom you follow"
    for private in ("Priya", "follow", "team"):
        assert private not in greeting.line


def test_whom_the_other_follows_is_no_reason(
    session: Session, person: Find, tomas: Person, invite: Invite, greeted: Greeted
) -> None:
    invite("tomas", "dana")
    tomas.team = person("priya").team
    follow(session, person("dana"), tomas)
    follow(session, person("dana"), person("priya"))
    session.commit()
    assert greeted("dana").reason == NO_REASON


def test_in_three_meetings_of_a_week(invite: Invite, greeted: Greeted) -> None:
    for n in range(2):
        invite("tomas", "dana", uid=f"m{n}", starts_in=timedelta(hours=1 + n))
    assert greeted("dana").reason == NO_REASON
    invite("tomas", "dana", uid="third", starts_in=timedelta(days=3))
    assert greeted("dana").reason.text == "In 3 of your meetings this week"


def test_the_rarest_reason_is_shown() -> None:
    new, oslo, cairo = Reason("new"), Reason("city", "Oslo"), Reason("city", "Cairo")
    chosen = rarest({1: [new, oslo], 2: [new, cairo], 3: [oslo], 4: []})
    assert chosen == {1: new, 2: cairo, 3: oslo, 4: NO_REASON}


def test_neighbours_get_different_lines(invite: Invite, greeted: Greeted) -> None:
    invite("tomas", "dana", "kenji", "priya")
    lines = {h: greeted(h).line for h in ("dana", "kenji", "priya")}
    assert all(greeted(h).person.given_name in line for h, line in lines.items())
    assert len({line.replace(greeted(h).person.given_name, "") for h, line in lines.items()}) == 3
