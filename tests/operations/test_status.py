"""The page for operators: the sentence, the runs; whole, polled, refused, counted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete
from sqlalchemy.orm import Session

from intranet_people.clock import now
from intranet_people.jobs.lease import Lease
from intranet_people.problems import Problem
from intranet_people.sync.history import SyncRun

from ..client import Browser
from ..conftest import COMPANY, MakeApp
from ..queries import counted
from .conftest import DOWN, FULL, LONG_TITLE, NO_NAME, REFUSED, STATUS, break_photo, doubt, ran


def sentence(tomas: Browser) -> str:
    page = tomas.get(STATUS).text.partition('id="ip-sync"')[2].partition("</div>")[0]
    return " ".join(page.split())


def test_the_state_in_a_sentence(tomas: Browser, session: Session) -> None:
    ran(session, 5, kind="full", counts=FULL)
    assert "1,204 people, read completely <time" in sentence(tomas)
    assert ">5 minutes ago</time>." in sentence(tomas)
    ran(session, 2)
    assert "; changes read <time" in sentence(tomas)
    assert ">2 minutes ago</time>." in sentence(tomas)


def test_before_the_first_run(tomas: Browser, session: Session) -> None:
    session.execute(delete(SyncRun))
    session.commit()
    assert "Nobody has been read yet." in sentence(tomas)
    assert "<code>flask people sync</code>" in sentence(tomas)


def test_a_refusal_is_told_with_its_figures(tomas: Browser, session: Session) -> None:
    ran(session, 9, kind="full", counts=FULL)
    ran(session, 1, "refused", reasons=[REFUSED])
    told = sentence(tomas)
    assert "The last run was refused." in told
    assert "60/120 people would be marked as left (dana, kenji, ...)" in told
    assert "<code>flask people sync --dry-run</code>" in told
    assert "1,204 people, read completely" in told


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("failed", "The last run failed, and changed nothing."),
        ("incomplete", "The last run was incomplete, so nobody was marked as left."),
    ],
)
def test_what_went_wrong(tomas: Browser, session: Session, status: str, words: str) -> None:
    ran(session, 1, status, reasons=[Problem("directory-down", "", "<dc1>")])
    assert words in sentence(tomas)
    assert "no directory server answers: &lt;dc1&gt;" in sentence(tomas)


def test_while_a_run_goes_on_it_asks_again(tomas: Browser, session: Session) -> None:
    session.add(Lease(name="sync", expires_at=now() + timedelta(minutes=5)))
    running = ran(session, 1, "running")
    assert "A run has been reading since <time" in sentence(tomas)
    assert 'hx-trigger="every 10s, ip-wake"' in sentence(tomas)
    polled = tomas.get(STATUS, htmx=True)
    assert polled.text.startswith('<div class="ip-sync" id="ip-sync"')
    assert "HX-Refresh" not in polled.headers
    running.status, running.finished_at = "done", now()
    session.commit()
    ended = tomas.get(STATUS, htmx=True)
    assert ended.headers["HX-Refresh"] == "true"
    assert "hx-get" not in ended.text
    assert "hx-get" not in sentence(tomas)


def test_a_run_that_was_killed_is_not_going_on(tomas: Browser, session: Session) -> None:
    ran(session, 20, "running")
    assert "The last run was interrupted." in sentence(tomas)
    assert "hx-get" not in sentence(tomas)
    session.add(Lease(name="sync", expires_at=now() - timedelta(seconds=1)))
    session.commit()
    assert "The last run was interrupted." in sentence(tomas)


def test_the_runs(tomas: Browser, session: Session) -> None:
    session.execute(delete(SyncRun))
    for n in range(40):
        ran(session, 100 - n, counts={"joined": 1000 + n, "read": 7, "unchanged": 6})
    ran(session, 3, "failed", reasons=[DOWN])
    ran(session, 2, "running")
    ran(session, 1, kind="full", counts={"joined": 0, "left": 2, "disabled": 1})
    page = tomas.get(STATUS).text
    assert page.count('<tr>\n      <th scope="row">') == 30
    assert "1,039 joined</td>" in page.replace("\n", "")
    assert "1,012 joined" not in page
    assert "2 left, 1 without an active account" in page
    assert ", 0 joined" not in page
    assert ">0 joined" not in page
    assert "failed: directory down" in page
    assert "interrupted</span>" in page
    assert "2.0 s" in page
    assert page.index('<details class="ip-rest"') > page.index("1,039 joined")


def test_nobody_else_learns_of_it(operated: Flask) -> None:
    dana = Browser(operated, "dana")
    for path in (STATUS, STATUS + "?after=a~1"):
        here, nowhere = dana.get(path), dana.get("/people/no-such-page")
        assert here.status_code == nowhere.status_code == 404
        assert here.text == nowhere.text
        assert sorted(here.headers.keys()) == sorted(nowhere.headers.keys())
        assert dana.get(path, htmx=True).status_code == 404
    assert STATUS not in dana.get("/people/").text
    stranger = operated.test_client().get(STATUS)
    assert stranger.location == "/people/sign-in?next=/people/status"


def test_operators_have_a_link(operated: Flask, tomas: Browser) -> None:
    for browser in (tomas, Browser(operated, "amina")):
        assert f'href="{STATUS}"' in browser.get("/people/").text
        assert browser.get(STATUS).status_code == 200


def test_without_operators_there_is_no_page(open_app: MakeApp, company_url: str) -> None:
    app = open_app(SQLALCHEMY_DATABASE_URI=company_url, **COMPANY)
    assert Browser(app, "tomas").get(STATUS).status_code == 404


def test_queries_do_not_grow(operated: Flask, tomas: Browser, session: Session) -> None:
    def cost() -> int:
        with counted(operated) as statements:
            assert tomas.get(STATUS).status_code == 200
        return len(statements)

    ran(session, 5, kind="full", counts=FULL)
    few = cost()
    for n, handle in enumerate(("dana", "kenji", "malex", "rui", "nour")):
        ran(session, 4, problems=[[handle, "", "same-mail", "", "another"]] * 50)
        doubt(session, handle, NO_NAME, LONG_TITLE)
        break_photo(session, handle, Problem("photo-broken", "", str(n)))
    assert cost() <= few + 2 <= 12
