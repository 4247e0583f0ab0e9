"""Every page in a language that was made up: what is not in its brackets, nobody can translate."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from intranet_people.ldap import password_policy as policy
from intranet_people.ldap.connection import DirectoryError
from intranet_people.meetings.meeting import Meeting
from intranet_people.people.person import Person
from intranet_people.problems import Problem
from intranet_people.signin import views
from intranet_people.signin.bind import SignInRefused
from intranet_people.signin.methods import Host
from intranet_people.signin.throttle import Throttled

from ..client import Browser, token_of
from ..operations.conftest import DOWN, NO_NAME, REFUSED, break_photo, doubt, ran
from .pseudo import Leaks, app, check, leaks, pseudo_folder, tomas

__all__ = ["app", "leaks", "pseudo_folder", "tomas"]


def test_the_test_finds_what_is_left_out(leaks: Leaks, app: Flask, tomas: Browser) -> None:
    app.jinja_env.globals["people_gettext"] = lambda text, **values: text % values
    found = " ".join(leaks(tomas.get("/people/meetings")))
    for said in ("Say hi", "Who you are about to meet", "Edit the line to"):
        assert said in found


def test_people(leaks: Leaks, tomas: Browser) -> None:
    check(leaks, tomas, "/people/", "/people/search?q=‹kenji›", "/people/search?q=‹a›")
    check(leaks, tomas, "/people/search?q=‹nobody›", "/people/@dana", "/people/@tomas")
    check(leaks, tomas, "/people/@dana/card", "/people/following")
    fragments = (
        "/people/",
        "/people/?after=a~0",
        "/people/search?q=‹a›",
        "/people/search?q=‹kenji›",
    )
    check(leaks, tomas, *fragments, "/people/search?q=‹nobody›", "/people/@dana/card", htmx=True)
    tomas.post("/people/@dana/follow")
    check(leaks, tomas, "/people/", "/people/following")
    for action in ("follow", "unfollow"):
        assert leaks(tomas.post(f"/people/@dana/{action}", htmx=True)) == []
    widgets = ("meetings", "search", "card?person=dana", "follow?person=dana")
    check(leaks, tomas, *(f"/people/widgets/{name}" for name in widgets))


def test_leavers(leaks: Leaks, tomas: Browser, store: Session) -> None:
    tomas.post("/people/@dana/follow")
    dana = store.scalars(select(Person).where(Person.handle == "dana")).one()
    dana.left_at = dana.joined_at
    store.commit()
    check(leaks, tomas, "/people/@dana", "/people/@dana/card", "/people/following")
    assert leaks(tomas.post("/people/@dana/unfollow", htmx=True)) == []


def meeting_of(store: Session, title: str) -> Meeting:
    return store.scalars(select(Meeting).where(Meeting.title == title)).first() or pytest.fail(
        title
    )


def test_hellos(leaks: Leaks, app: Flask, tomas: Browser, store: Session) -> None:
    key = meeting_of(store, "Quarterly planning").key
    dana = Browser(app, "dana")
    check(leaks, tomas, "/people/meetings", "/people/hellos")
    check(leaks, tomas, "/people/meetings", htmx=True)
    said = tomas.post(f"/people/meetings/{key}/hi/dana", htmx=True, line="‹Hello›")
    assert leaks(said) == []
    check(leaks, tomas, "/people/hellos", "/people/meetings", "/people/@dana")
    check(leaks, dana, "/people/hellos", "/people/meetings", "/people/hellos/badge?n=9")
    number = re.search(r"/people/hellos/(\d+)/undo", said.text)
    assert number
    assert leaks(tomas.post(f"/people/hellos/{number[1]}/undo", htmx=True)) == []
    taken_back = dana.post(f"/people/hellos/{number[1]}/reply", htmx=True, line="‹Hi›")
    assert taken_back.status_code == 404
    assert leaks(taken_back) == []
    # An empty line is said with a word of the sender's language.
    assert "⟦Hí.⟧" in tomas.post(f"/people/meetings/{key}/hi/dana", htmx=True, line=" ").text
    assert leaks(dana.post(f"/people/hellos/{number[1]}/reply", htmx=True, line="")) == []
    check(leaks, tomas, "/people/hellos/badge?n=9", "/people/", "/people/hellos")
    check(leaks, dana, "/people/hellos", "/people/@tomas")


def test_hi_refused(leaks: Leaks, tomas: Browser, store: Session) -> None:
    planning = meeting_of(store, "Quarterly planning")
    for handle, key in (("malex", planning.key), ("dana", "0" * 32), ("tomas", planning.key)):
        for htmx in (False, True):
            path = f"/people/meetings/{key}/hi/{handle}"
            answer = tomas.post(path, htmx=htmx, line="‹Hello›")
            assert leaks(answer) == []
            assert "‹Hello›" in answer.text
    for meeting in store.scalars(select(Meeting).where(Meeting.key == planning.key)):
        meeting.starts_at += timedelta(days=2)
        meeting.ends_at += timedelta(days=2)
    store.commit()
    check(leaks, tomas, "/people/meetings", "/people/@dana")


def test_nothing_in_the_calendar(leaks: Leaks, app: Flask, store: Session) -> None:
    for meeting in store.scalars(select(Meeting)):
        store.delete(meeting)
    store.commit()
    check(leaks, Browser(app, "dana"), "/people/meetings", "/people/hellos", "/people/")


def test_the_page_of_operators(leaks: Leaks, tomas: Browser, store: Session) -> None:
    check(leaks, tomas, "/people/status")
    counts = {"joined": 4, "changed": 1200, "left": 3, "returned": 1, "disabled": 2}
    doubt(store, "dana", NO_NAME, Problem("no-zone", "timeZone", "here"))
    break_photo(store, "kenji", Problem("photo-no-image"))
    for n, status in enumerate(("done", "incomplete", "refused", "failed", "running", "done")):
        doubtful = [["cn=x,dc=example", "", "same-mail", "", "dana"]]
        ran(store, 60 - n, status, counts=counts, reasons=[DOWN, REFUSED], problems=doubtful)
        check(leaks, tomas, "/people/status")
        check(leaks, tomas, "/people/status", htmx=True)


@pytest.mark.parametrize(
    "error",
    [
        Throttled("name"),
        SignInRefused("wrong"),
        *(SignInRefused("", why) for why in (policy.EXPIRED, policy.LOCKED, policy.MUST_CHANGE)),
        DirectoryError("down"),
    ],
)
def test_sign_in(
    leaks: Leaks, app: Flask, tomas: Browser, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*args: object) -> Person:
        raise error

    monkeypatch.setattr(views, "_person", fail)
    stranger = app.test_client()
    assert leaks(stranger.get("/people/sign-in")) == []
    answer = tomas.post("/people/sign-in", name="‹dana›", password="wrong")
    assert leaks(answer) == []
    assert answer.text.count('role="alert">⟦') == 1


def test_errors(leaks: Leaks, app: Flask, tomas: Browser) -> None:
    check(leaks, tomas, "/people/@nobody", "/people/no/where")
    check(leaks, tomas, "/people/@nobody", htmx=True)
    for htmx in ({}, {"HX-Request": "true"}):
        stale = tomas.client.post("/people/@dana/follow", headers=htmx)
        assert (stale.status_code, leaks(stale)) == (403, [])
    stranger = app.test_client()
    form = {"csrf_token": token_of(stranger.get("/people/sign-in").text)}
    signed_out = stranger.post("/people/@dana/follow", data=form)
    assert (signed_out.status_code, leaks(signed_out)) == (401, [])
    with app.app_context():
        engine = app.extensions["sqlalchemy"].engine

    def fail(*args: object) -> None:
        raise OperationalError("SELECT", {}, Exception("database is locked"))

    event.listen(engine, "before_cursor_execute", fail)
    busy = tomas.get("/people/")
    event.remove(engine, "before_cursor_execute", fail)
    assert (busy.status_code, leaks(busy)) == (503, [])


def test_signed_in_but_not_listed(leaks: Leaks, app: Flask) -> None:
    plugin = app.extensions["intranet_people"]
    plugin.methods = (Host(plugin.settings, lambda: "nobody-here"),)
    answer = app.test_client().get("/people/")
    assert (answer.status_code, leaks(answer)) == (403, [])
    assert "⟦Yóú áré sígnéd ín" in answer.text
