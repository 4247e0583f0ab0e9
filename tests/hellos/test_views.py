"""Meetings and hellos over HTTP: whole pages, fragments, JavaScript off, refusals."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from intranet_people import hi_said
from intranet_people.hellos.hello import hi_back, say_hi
from intranet_people.meetings.meeting import key_of
from intranet_people.people.person import Person

from ..client import Browser
from ..meetings.diaries import Invite
from ..queries import counted

Find = Callable[[str], Person]


@pytest.fixture
def hi(invite: Invite) -> str:
    """Where Tomás says hi to Dana."""
    return f"/people/meetings/{key_of(invite('tomas', 'dana', 'kenji'))}/hi/dana"


def path_to(verb: str, page: str) -> str:
    """Where the first button of that kind sends."""
    found = re.search(rf'formaction="([^"]+/{verb})"', page)
    assert found, verb
    return found[1]


def test_meetings_page(company_app: Flask, hi: str) -> None:
    tomas = Browser(company_app, "tomas")
    page = tomas.get("/people/meetings").text
    assert "Quarterly planning" in page
    assert "Room Aalto" in page
    assert f'formaction="{hi}"' in page
    assert 'Say hi<span class="ip-visually-hidden"> to Dana Whitfield' in page
    fragment = tomas.get("/people/meetings", htmx=True).text
    assert "<html" not in fragment
    assert "Quarterly planning" in fragment


def test_the_story_without_javascript(company_app: Flask, hi: str) -> None:
    tomas, dana = Browser(company_app, "tomas"), Browser(company_app, "dana")
    answer = tomas.post(hi, line="Hello Dana", next="/people/meetings", placement="page")
    assert answer.status_code == 303
    assert re.fullmatch("/people/meetings#ip-page-hi-[0-9a-f]{8}-[0-9]+", answer.location)
    assert "Hello Dana" in tomas.get("/people/meetings").text
    page = dana.get("/people/hellos").text
    assert "Hello Dana" in page
    assert "(1 new)" in page
    dana.post(path_to("reply", page), line="See you there", next="/people/hellos")
    assert "(1 new)" in tomas.get("/people/").text, "an answer is news"
    assert "See you there" in tomas.get("/people/meetings").text
    assert "See you there" in tomas.get("/people/hellos").text
    assert " new)" not in dana.get("/people/hellos").text


def test_the_story_with_htmx(company_app: Flask, hi: str) -> None:
    tomas, dana = Browser(company_app, "tomas"), Browser(company_app, "dana")
    said = tomas.post(hi, htmx=True, line="Hello Dana", placement="meetings").text
    assert said.strip().startswith('<div class="ip-greeting" data-person="dana"')
    assert "Said hi" in said
    answered = dana.post(path_to("reply", dana.get("/people/hellos").text), htmx=True, line="Oh hi")
    assert "Said hi back" in answered.text
    assert 'hx-swap-oob="true"' in answered.text, "the badge counts one less at once"


def test_a_receiver_of_the_host_that_fails(
    company_app: Flask, hi: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The hi is said, and the next receiver hears of it."""
    heard = []

    def fails(sender: object, **facts: object) -> None:
        raise RuntimeError("the chat is down")

    def listens(sender: object, **facts: object) -> None:
        heard.append(sender)

    with hi_said.connected_to(fails), hi_said.connected_to(listens):
        said = Browser(company_app, "tomas").post(hi, htmx=True, line="Hello Dana")
    assert "Said hi" in said.text
    assert heard == [company_app]
    assert "A receiver of hi_said failed" in caplog.text
    assert "the chat is down" in caplog.text


def test_undo(company_app: Flask, hi: str) -> None:
    tomas = Browser(company_app, "tomas")
    said = tomas.post(hi, htmx=True, line="Oops", placement="meetings").text
    undone = tomas.post(path_to("undo", said), htmx=True, placement="meetings").text
    assert f'formaction="{hi}"' in undone
    assert "Oops" not in Browser(company_app, "dana").get("/people/hellos").text


@pytest.mark.parametrize("verb", ["reply", "undo", "met", "not-met"])
def test_what_was_taken_back_is_shown_to_nobody(company_app: Flask, hi: str, verb: str) -> None:
    """By whatever address: neither the line nor who said it."""
    tomas, dana = Browser(company_app, "tomas"), Browser(company_app, "dana")
    said = tomas.post(hi, htmx=True, line="I take this back", placement="meetings").text
    undo = path_to("undo", said)
    tomas.post(undo, htmx=True)
    for htmx in (True, False):
        answer = dana.post(undo.replace("undo", verb), htmx=htmx, line="What was it?")
        assert answer.status_code == 404
        assert "take this back" not in answer.text
        assert "Tom" not in answer.text


def test_on_the_profile(company_app: Flask, hi: str) -> None:
    page = Browser(company_app, "tomas").get("/people/@dana").text
    assert f'formaction="{hi}"' in page


def test_badge(company_app: Flask, hi: str) -> None:
    tomas, dana = Browser(company_app, "tomas"), Browser(company_app, "dana")
    assert dana.get("/people/hellos/badge?n=0", htmx=True).status_code == 204
    tomas.post(hi)
    answer = dana.get("/people/hellos/badge?n=0", htmx=True)
    assert answer.status_code == 200
    assert "(1 new)" in answer.text
    assert dana.get("/people/hellos/badge?n=1", htmx=True).status_code == 204


def test_refused_with_kind_words(company_app: Flask, hi: str) -> None:
    tomas, priya = Browser(company_app, "tomas"), Browser(company_app, "priya")
    answer = priya.post(hi)
    assert answer.status_code == 409
    assert "no longer in your calendar" in answer.text
    answer = priya.post(hi, htmx=True)
    assert answer.status_code == 200, "a refusal is shown in place, by htmx 2 as well"
    assert "<html" not in answer.text
    assert 'data-person="dana"' in answer.text, "the person stays"
    answer = priya.post(hi, htmx=True, line="What I <wrote>")
    assert "What I &lt;wrote&gt;" in answer.text, "nothing is lost"
    assert tomas.post(hi.replace("dana", "nobody")).status_code == 404


def test_what_was_said_is_shown_in_a_large_meeting_too(
    company_app: Flask, session: Session, invite: Invite
) -> None:
    crowd = [p.handle for p in session.query(Person).limit(40) if p.handle not in ("tomas", "zuri")]
    key = key_of(invite("tomas", *crowd, "zuri", uid="all hands"))
    tomas = Browser(company_app, "tomas")
    assert f"/people/meetings/{key}/hi/zuri" not in tomas.get("/people/meetings").text
    tomas.post(f"/people/meetings/{key}/hi/zuri", line="From the last row")
    assert "From the last row" in tomas.get("/people/meetings").text


def test_queries_do_not_grow_with_the_answers(
    company_app: Flask, session: Session, person: Find, invite: Invite, now: datetime
) -> None:
    others = ("dana", "kenji", "priya", "nour")
    key = key_of(invite("tomas", *others))
    tomas, costs = Browser(company_app, "tomas"), []
    for answered in (others[:1], others[1:]):
        for handle in answered:
            said = say_hi(session, person("tomas"), person(handle), key, "Hi", now)
            hi_back(session, person(handle), said, "Hi", now)
        with counted(company_app) as statements:
            assert tomas.get("/people/hellos").status_code == 200
        costs.append(len(statements))
    assert costs[0] == costs[1]


def test_others_hellos_are_not_there(company_app: Flask, hi: str) -> None:
    tomas, priya = Browser(company_app, "tomas"), Browser(company_app, "priya")
    tomas.post(hi, line="Between us")
    reply = path_to("reply", Browser(company_app, "dana").get("/people/hellos").text)
    assert priya.post(reply, line="me too").status_code == 404
    assert tomas.post(reply, line="me too").status_code == 409
    assert "Between us" not in priya.get("/people/hellos").text


def shown(browser: Browser) -> str:
    """The people of the meetings page, without the token and the minutes, which pass."""
    page = browser.get("/people/meetings").text
    return re.sub(r'name="csrf_token" value="[^"]+"', "", page.partition('class="ip-list"')[2])


def test_no_answer_leaves_no_trace(company_app: Flask, hi: str) -> None:
    """No read receipt: what the sender sees does not change when the receiver looks."""
    tomas, dana = Browser(company_app, "tomas"), Browser(company_app, "dana")
    tomas.post(hi)
    before = shown(tomas)
    dana.get("/people/hellos")
    dana.get("/people/@tomas")
    assert shown(tomas) == before


def test_needs_sign_in_and_token(company_app: Flask, hi: str) -> None:
    stranger = company_app.test_client()
    assert stranger.post(hi).status_code == 403
    assert stranger.get("/people/hellos").status_code == 302
    tomas = Browser(company_app, "tomas")
    tomas.token = ""
    assert tomas.post(hi).status_code == 403


def test_odd_addresses(company_app: Flask) -> None:
    tomas = Browser(company_app, "tomas")
    for path in (
        "/people/hellos/99999999999999999999999/reply",
        "/people/hellos/99999999999999999999999/undo",
        "/people/hellos/2147483647/reply",
        f"/people/meetings/{'0' * 32}/hi/nobody",
    ):
        assert tomas.post(path).status_code == 404, path
    for path in ("/people/meetings/x/hi/dana", "/people/meetings/a%00b/hi/dana"):
        assert tomas.post(path).status_code == 405, path


def test_nothing_yet(company_app: Flask) -> None:
    """An empty page invites: people who joined lately, each with a button."""
    tomas = Browser(company_app, "tomas")
    for path in ("/people/meetings", "/people/", "/people/following"):
        page = tomas.get(path).text
        assert "/follow" in page, path
    assert "No meetings in the coming days" in tomas.get("/people/meetings").text
    assert "you have no meetings in the coming days" in tomas.get("/people/").text
    assert "The first hi is the hardest" in tomas.get("/people/hellos").text


def test_no_hello_yet_begins_with_the_next_meeting(company_app: Flask, hi: str) -> None:
    tomas = Browser(company_app, "tomas")
    assert f'formaction="{hi}"' in tomas.get("/people/hellos").text


def test_who_was_met_lately_can_be_followed(company_app: Flask, invite: Invite) -> None:
    invite("tomas", "dana", "kenji", starts_in=timedelta(days=-3))
    tomas = Browser(company_app, "tomas")
    page = tomas.get("/people/following").text
    assert "You met recently" in page
    for handle in ("dana", "kenji"):
        assert f"/people/@{handle}/follow" in page
