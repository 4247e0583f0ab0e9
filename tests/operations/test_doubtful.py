"""What the page for operators lists: people, photos and entries of which something is doubtful."""

from __future__ import annotations

from sqlalchemy.orm import Session

from intranet_people.clock import now
from intranet_people.people.listing import page_of
from intranet_people.people.person import Person, by_handle
from intranet_people.problems import Problem

from ..client import Browser, people_in
from .conftest import FULL, LONG_TITLE, NO_ID, NO_NAME, PIXELS, STATUS, break_photo, doubt, ran


def test_the_doubtful_with_what_to_do(tomas: Browser, session: Session) -> None:
    doubt(session, "dana", Problem("not-utf8", "telephoneNumber"))
    doubt(session, "kenji", Problem("no-login-name", "uid"), LONG_TITLE)
    page = tomas.get(STATUS).text
    assert people_in(page) == ["kenji", "dana"]
    assert "telephoneNumber is not valid UTF-8; left out" in page
    assert "Enter the value again in the directory, as UTF-8." in page
    assert "Give the entry a login name, or map the attribute that has it." in page
    assert "Shorten it in the directory" in page


def test_a_leaver_is_no_longer_doubtful(tomas: Browser, session: Session) -> None:
    doubt(session, "dana", LONG_TITLE)
    assert people_in(tomas.get(STATUS).text) == ["dana"]
    dana = by_handle(session, "dana")
    assert dana
    dana.left_at = now()
    session.commit()
    assert people_in(tomas.get(STATUS).text) == []


def test_doubts_page_by_page(tomas: Browser, session: Session) -> None:
    everybody = [p.handle or "" for p, _ in page_of(session, Person(id=0), None, 200)]
    for handle in everybody:
        doubt(session, handle, NO_NAME)
    first = tomas.get(STATUS).text
    assert people_in(first) == everybody[:50]
    seen, path = people_in(first), next_of(first)
    while path:
        whole = tomas.get(path).text
        assert whole.startswith("<!doctype html>")
        page = tomas.get(path, htmx=True).text
        assert page.strip().startswith("<li")
        assert people_in(whole) == people_in(page)
        seen += people_in(page)
        path = next_of(page)
    assert seen == everybody


def next_of(page: str) -> str:
    return page.partition('class="ip-button ip-quiet" href="')[2].partition('"')[0]


def test_photos_that_are_none(tomas: Browser, session: Session) -> None:
    break_photo(session, "nour", PIXELS)
    page = tomas.get(STATUS).text
    assert "Photos that cannot be shown" in page
    assert people_in(page) == ["nour"]
    assert "the photo has too many pixels: 9000 x 9000" in page


def test_what_belongs_to_nobodys_row(tomas: Browser, session: Session) -> None:
    printer = "cn=Printer <3>,dc=northwind,dc=example"
    ran(session, 30, kind="full", problems=[["uid=gone,dc=example", "", *NO_ID]])
    ran(
        session,
        20,
        kind="full",
        counts=FULL,
        problems=[
            [printer, "", *NO_ID],
            ["dana", "", "same-mail", "", "kenji"],
            ["amina", "", *LONG_TITLE],
        ],
    )
    ran(session, 10, problems=[["dana", "", "same-login-name", "", "dana~2"]])
    page = tomas.get(STATUS).text
    assert "cn=Printer &lt;3&gt;,dc=northwind,dc=example" in page
    assert "Check whether the service account may read it" in page
    assert "has the same mail address as kenji" in page
    assert "is called dana~2 here" in page
    assert "4000 characters" not in page, "which is in Amina's row, or mended"
    assert "uid=gone" not in page, "which the next complete read did not find"


def test_nothing_doubtful(tomas: Browser, session: Session) -> None:
    ran(session, 1, kind="full", counts=FULL)
    assert "Every entry is as it should be." in tomas.get(STATUS).text


def test_nonsense_is_the_first_page(tomas: Browser) -> None:
    for after in ("~", "x~99999999999999999999", "%00~1", "x~%C2%B2"):
        assert tomas.get(f"{STATUS}?after={after}").status_code == 200
