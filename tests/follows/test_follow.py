"""The follow button: verb, fragment, page, refusals."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from intranet_people.follows.follow import follow, unfollow
from intranet_people.people.follow import Follow, following_among
from intranet_people.people.listing import following
from intranet_people.people.person import Person, by_handle
from intranet_people.signals import followed, unfollowed

from ..client import Browser
from ..conftest import plugin_of

UNFOLLOW = 'aria-label="Following, unfollow Dana Whitfield"'


def person(session: Session, handle: str) -> Person:
    found = by_handle(session, handle)
    assert found
    return found


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Follow)) or 0


def test_follow_and_unfollow(session: Session) -> None:
    tomas, dana, kenji = (person(session, h) for h in ("tomas", "dana", "kenji"))
    heard: list[str] = []
    note = lambda sender, **facts: heard.append("followed")  # noqa: E731
    drop = lambda sender, **facts: heard.append("unfollowed")  # noqa: E731
    with followed.connected_to(note), unfollowed.connected_to(drop):
        for _ in range(2):
            follow(session, tomas, dana)
        follow(session, tomas, kenji)
        assert following_among(session, tomas, [dana.id, kenji.id, 0]) == {dana.id, kenji.id}
        assert [p.handle for p in following(session, tomas)] == ["kenji", "dana"]
        for _ in range(2):
            unfollow(session, tomas, kenji)
    assert [p.handle for p in following(session, tomas)] == ["dana"]
    assert heard == ["followed", "followed", "unfollowed"]


def test_nobody_follows_themselves(session: Session) -> None:
    tomas = person(session, "tomas")
    follow(session, tomas, tomas)
    assert count(session) == 0


def test_nobody_follows_a_leaver(session: Session) -> None:
    tomas, dana = person(session, "tomas"), person(session, "dana")
    dana.left_at = dana.joined_at
    follow(session, tomas, dana)
    assert count(session) == 0


def test_what_a_host_has_not_committed_yet_is_not_lost(session: Session) -> None:
    tomas, dana = person(session, "tomas"), person(session, "dana")
    follow(session, tomas, dana)
    tomas.office = "the host's own change"
    follow(session, tomas, dana)
    session.expire_all()
    assert tomas.office == "the host's own change"


def test_a_leaver_is_kept_for_those_who_followed(session: Session) -> None:
    tomas, dana = person(session, "tomas"), person(session, "dana")
    follow(session, tomas, dana)
    dana.left_at = dana.joined_at
    session.commit()
    assert [p.handle for p in following(session, tomas)] == ["dana"]


def test_twenty_clicks_at_once_are_one_row(company_app: Flask, session: Session) -> None:
    """From four workers, each with a connection of its own."""

    def click(_: int) -> None:
        with company_app.app_context():
            mine = plugin_of(company_app).session
            follow(mine, person(mine, "tomas"), person(mine, "dana"))

    with ThreadPoolExecutor(4) as workers:
        list(workers.map(click, range(20)))
    assert count(session) == 1


def test_without_javascript(company_app: Flask) -> None:
    tomas = Browser(company_app, "tomas")
    answer = tomas.post("/people/@dana/follow", next="/people/search?q=dan")
    assert (answer.status_code, answer.location) == (303, "/people/search?q=dan")
    answer = tomas.post("/people/@dana/follow", next="/people/", placement="list")
    assert answer.location.startswith("/people/#ip-list-follow-"), "where one pressed"
    assert UNFOLLOW in tomas.get("/people/search?q=dan").text
    assert 'data-person="dana"' in tomas.get("/people/following").text
    tomas.post("/people/@dana/unfollow", next="//evil.example")
    assert 'data-person="dana"' not in tomas.get("/people/following").text


def test_with_htmx_the_fragment_alone(company_app: Flask) -> None:
    tomas = Browser(company_app, "tomas")
    answer = tomas.post("/people/@dana/follow", htmx=True, placement="list", next="/people/")
    assert answer.status_code == 200
    assert answer.text.strip().startswith('<div class="ip-follow"')
    assert UNFOLLOW in answer.text
    assert "HX-Request" in answer.headers["Vary"]
    assert answer.headers["Cache-Control"] == "no-store"
    again = tomas.post("/people/@dana/unfollow", htmx=True, placement="list")
    assert "Follow<span" in again.text


def test_refused(company_app: Flask) -> None:
    tomas = Browser(company_app, "tomas")
    assert tomas.post("/people/@nobody/follow").status_code == 404
    assert tomas.get("/people/@dana/follow").status_code == 404
    tomas.token = "stale"
    assert tomas.post("/people/@dana/follow").status_code == 403
    stranger = company_app.test_client()
    assert stranger.post("/people/@dana/follow").status_code == 403
    assert stranger.get("/people/following").status_code == 302
