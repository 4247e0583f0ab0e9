"""After the meeting both are asked whether they met, and both must say so."""

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
MINUTE = timedelta(minutes=1)


@pytest.fixture
def hello(session: Session, person: Find, invite: Invite, now: datetime) -> Hello:
    """Tomás said hi to Dana before a meeting that began ten minutes ago; not answered."""
    key = key_of(invite("tomas", "dana", starts_in=-10 * MINUTE))
    return say_hi(session, person("tomas"), person("dana"), key, "Hi Dana", now - HOUR)


@pytest.fixture
def over(session: Session, person: Find, hello: Hello, now: datetime) -> Hello:
    """The same: answered, and a minute after the meeting."""
    hi_back(session, person("dana"), hello, "Hi Tomás", now)
    hello.starts_at, hello.ends_at = now - HOUR, now - MINUTE
    session.commit()
    return hello


def test_both_must_say_it(session: Session, person: Find, over: Hello, now: datetime) -> None:
    heard = []

    def listen(sender: object, **facts: object) -> None:
        heard.append(facts)

    with met.connected_to(listen):
        we_met(session, person("dana"), over, now)
        assert heard == []
        we_met(session, person("tomas"), over, now + HOUR)
        met_by = [over.is_met]
        not_met(session, person("dana"), over)
        met_by.append(over.is_met)
        assert met_by == [True, False]
        we_met(session, person("dana"), over, now)
    ids = {"sender_id": person("tomas").id, "receiver_id": person("dana").id}
    assert heard == [{"hello_id": over.id} | ids], "once, however often it is said"


def test_only_after_hi_and_hi_back(
    session: Session, person: Find, hello: Hello, now: datetime
) -> None:
    for handle in ("tomas", "dana"):
        with pytest.raises(HiRefused, match="a hi and a hi back"):
            we_met(session, person(handle), hello, now + 2 * HOUR)
    withdraw(session, person("tomas"), hello, now)
    with pytest.raises(HiRefused):
        we_met(session, person("tomas"), hello, now + 2 * HOUR)
    assert hello.sender_met_at is None


def test_not_before_the_meeting_is_over(
    session: Session, person: Find, hello: Hello, now: datetime
) -> None:
    hi_back(session, person("dana"), hello, "Hi Tomás", now)
    with pytest.raises(HiRefused, match="not over yet"):
        we_met(session, person("tomas"), hello, now)
    we_met(session, person("tomas"), hello, now + HOUR)


def test_undo_takes_back_only_ones_own(
    session: Session, person: Find, over: Hello, now: datetime
) -> None:
    we_met(session, person("tomas"), over, now)
    not_met(session, person("dana"), over)
    assert over.sender_met_at
    not_met(session, person("tomas"), over)
    assert over.sender_met_at is None


@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
def test_on_the_page(company_app: Flask, over: Hello, htmx: bool) -> None:
    tomas, dana = Browser(company_app, "tomas"), Browser(company_app, "dana")
    page = f"/people/hellos/{over.id}"
    button = 'We met<span class="ip-visually-hidden">, Dana Whitfield and I</span>'
    for where in ("/people/hellos", "/people/"):
        assert button in tomas.get(where).text, where
    said = tomas.post(f"{page}/met", htmx=htmx, next="/people/hellos", placement="hellos")
    if htmx:
        assert "You said that you met" in said.text
        assert "Undo" in said.text
    else:
        assert said.status_code == 303
        assert said.location.startswith("/people/hellos#ip-hellos-hi-")
    hers = dana.get("/people/hellos").text
    assert "Did you meet" in hers, "she is asked the same, and is not told what he said"
    assert "You met" not in hers
    dana.post(f"{page}/met")
    for browser, other in ((dana, "tomas"), (tomas, "dana")):
        both = browser.get("/people/hellos").text
        assert "You met" in both
        assert f"/people/@{other}/follow" in both, "and then follow"
    tomas.post("/people/@dana/follow")
    assert "/people/@dana/follow" not in tomas.get("/people/hellos").text


def test_a_running_meeting_asks_nobody(
    company_app: Flask, session: Session, person: Find, hello: Hello, now: datetime
) -> None:
    hi_back(session, person("dana"), hello, "Hi Tomás", now)
    for handle in ("tomas", "dana"):
        assert "Did you meet" not in Browser(company_app, handle).get("/people/hellos").text


def test_others_have_no_say(company_app: Flask, over: Hello) -> None:
    priya = Browser(company_app, "priya")
    for verb in ("met", "not-met"):
        assert priya.post(f"/people/hellos/{over.id}/{verb}").status_code == 404
