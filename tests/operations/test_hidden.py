"""Operators are told what is wrong with somebody hidden, and not who that is."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from intranet_people.people.person import Person, by_handle
from intranet_people.problems import Problem
from intranet_people.sync.report import NAMELESS

from ..client import Browser, people_in
from .conftest import FULL, LONG_TITLE, NO_ID, NO_NAME, PIXELS, STATUS, break_photo, doubt, ran

OF_DANA = ("dana", "whitfield")

UNKNOWN = Problem("hidden-unknown")


@pytest.fixture
def dana(session: Session) -> Person:
    """Hidden, with a doubtful entry and a broken photo."""
    found = by_handle(session, "dana")
    assert found
    found.is_hidden = True
    doubt(session, "dana", LONG_TITLE)
    break_photo(session, "dana", PIXELS)
    return found


def names_dana(page: str) -> list[str]:
    return [name for name in OF_DANA if name in page.lower()]


def test_the_page_has_their_id(tomas: Browser, session: Session, dana: Person) -> None:
    doubt(session, "kenji", NO_NAME)
    page = tomas.get(STATUS).text
    assert people_in(page) == ["kenji"]
    assert page.count(dana.directory_id) == 2
    assert "title has 4000 characters; left out" in page
    assert "the photo has too many pixels: 9000 x 9000" in page
    assert "Shorten it in the directory" in page
    assert names_dana(page) == []


def test_so_do_problems_that_runs_recorded_by_name(
    tomas: Browser, session: Session, dana: Person
) -> None:
    problems = [
        ["dana", dana.directory_id, "same-login-name", "", "dana~2"],
        ["kenji", "id-of-kenji", "same-mail", "", dana.directory_id],
        ["dana", "id-of-rui", "same-login-name", "", "dana~2"],
        [NAMELESS, "", *NO_ID],
    ]
    ran(session, 1, kind="full", counts=FULL, problems=problems)
    page = tomas.get(STATUS).text
    assert "has the same login name as another entry, so has a different one here" in page
    assert f"has the same mail address as {dana.directory_id}; both are kept" in page
    assert "id-of-rui" in page
    assert NAMELESS in page
    assert names_dana(page) == []


def test_the_address_of_the_next_page_does_not_name_them(
    tomas: Browser, session: Session, dana: Person
) -> None:
    """Which goes by the name of the last one on the page."""
    handles = [h for h in session.scalars(select(Person.handle)) if h]
    for handle in handles:
        doubt(session, handle, NO_NAME)
    path, pages = STATUS, list[str]()
    while path:
        pages.append(tomas.get(path).text)
        more = pages[-1].partition('class="ip-button ip-quiet" href="')[2]
        path = more.partition('"')[0]
    assert sum(len(people_in(page)) for page in pages) == len(handles) - 1
    assert [names_dana(page) for page in pages] == [[]] * len(pages)


def test_a_run_that_could_not_read_who_is_hidden(tomas: Browser, session: Session) -> None:
    ran(session, 9, kind="full", counts=FULL)
    why = Problem("stopped-early", "", "sizeLimitExceeded")
    ran(session, 1, "incomplete", reasons=[UNKNOWN, why], counts={"hidden": 2})
    page = tomas.get(STATUS).text
    assert "The last run could not read the hidden people: nobody was shown again" in page
    assert "sizeLimitExceeded" in page
    assert "incomplete: the hidden people could not be read" in page
    assert "2 hidden" in page
    assert "marked as left" not in page


def test_a_monitor_hears_of_it(operated: Flask, session: Session) -> None:
    ran(session, 1, "incomplete", reasons=[UNKNOWN])
    health = operated.test_client().get("/people/health").json
    assert health
    assert (health["sync"], health["last_error"]) == ("incomplete", "incomplete")
