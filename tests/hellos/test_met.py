"""Afterwards: the two say that they met, once for both; never around an answer that is missing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from intranet_people import met
from intranet_people.hellos.hello import Hello, HiRefused, hi_back, say_hi, withdraw
from intranet_people.hellos.met import not_met, we_met
from intranet_people.meetings.meeting import key_of
from intranet_people.people.person import Person

from ..client import Browser
from ..meetings.diaries import Invite

Find = Callable[[str], Person]
HOUR = timedelta(hours=1)


@pytest.fixture
def hello(session: Session, person: Find, invite: Invite, now: datetime) -> Hello:
    """Tomás said hi to Dana before a meeting that began ten minutes ago; not answered."""
    key = key_of(invite("tomas", "dana", starts_in=timedelta(minutes=-10)))
    return say_hi(session, person("tomas"), person("dana"), key, "Hi Dana", now - HOUR)


def answer(session: Session, person: Find, hello: Hello, now: datetime) -> None:
    hi_back(session, person("dana"), hello, "Hi Tomás", now)


def test_either_says_it_for_both(
    session: Session, person: Find, hello: Hello, now: datetime
) -> None:
    answer(session, person, hello, now)
    heard = []

    def listen(sender: object, **facts: object) -> None:
        heard.append(facts)

    with met.connected_to(listen):
        we_met(session, person("dana"), hello, now)
        we_met(session, person("tomas"), hello, now + HOUR)
        not_met(session, person("dana"), hello)
        we_met(session, person("tomas"), hello, now)
    ids = {"sender_id": person("tomas").id, "receiver_id": person("dana").id}
    assert heard == [{"hello_id": hello.id} | ids]
    assert (hello.met_at, hello.met_said_by) == (now, person("tomas").id)


def test_only_after_hi_and_hi_back(
    session: Session, person: Find, hello: Hello, now: datetime
) -> None:
    for handle in ("tomas", "dana"):
        with pytest.raises(HiRefused, match="a hi and a hi back"):
            we_met(session, person(handle), hello, now)
    withdraw(session, person("tomas"), hello, now)
    with pytest.raises(HiRefused):
        we_met(session, person("tomas"), hello, now)
    assert hello.met_at is None


def test_not_before_the_meeting(
    session: Session, person: Find, invite: Invite, now: datetime
) -> None:
    key = key_of(invite("tomas", "dana"))
    hello = say_hi(session, person("tomas"), person("dana"), key, "Hi", now)
    answer(session, person, hello, now)
    with pytest.raises(HiRefused, match="yet to meet"):
        we_met(session, person("tomas"), hello, now)
    we_met(session, person("tomas"), hello, now + HOUR)


def test_only_who_said_it_takes_it_back(
    session: Session, person: Find, hello: Hello, now: datetime
) -> None:
    answer(session, person, hello, now)
    we_met(session, person("tomas"), hello, now)
    not_met(session, person("dana"), hello)
    assert hello.met_at
    not_met(session, person("tomas"), hello)
    session.expire(hello)
    assert hello.met_at is None


@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
def test_on_the_page(
    company_app: Flask, session: Session, person: Find, hello: Hello, now: datetime, htmx: bool
) -> None:
    tomas, dana = Browser(company_app, "tomas"), Browser(company_app, "dana")
    page = f"/people/hellos/{hello.id}"
    assert "We met" not in tomas.get("/people/hellos").text
    assert tomas.post(f"{page}/met", htmx=htmx).status_code == (200 if htmx else 409)
    answer(session, person, hello, now)
    button = 'We met<span class="ip-visually-hidden">, Dana Whitfield and I</span>'
    assert button in tomas.get("/people/hellos").text
    said = tomas.post(f"{page}/met", htmx=htmx, next="/people/hellos")
    if htmx:
        assert "You met" in said.text
        assert "Undo" in said.text
    else:
        assert (said.status_code, said.location) == (303, "/people/hellos")
    hers = dana.get("/people/hellos").text
    assert "You met" in hers
    assert "having met" not in hers, "hers to see, his to undo"
    tomas.post(f"{page}/not-met", htmx=htmx)
    assert "You met" not in dana.get("/people/hellos").text


def test_others_have_no_say(company_app: Flask, hello: Hello) -> None:
    priya = Browser(company_app, "priya")
    for verb in ("met", "not-met"):
        assert priya.post(f"/people/hellos/{hello.id}/{verb}").status_code == 404
