"""Odd names, odd meetings, odd addresses: each page is shown, and nothing is lost."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from intranet_people.meetings.meeting import key_of

from ..client import Browser
from ..meetings.diaries import Find, Invite

PAGES = ("/people/", "/people/meetings", "/people/hellos", "/people/following")
NAMES = {
    "two letters": ("Bo", "Bo", ""),
    "sixty letters": ("Wolfeschlegelsteinhausen " * 2 + "Bergerdorff", "Wolfe", "Bergerdorff"),
    "only emoji": ("🦊🌊", "🦊🌊", ""),
    "right to left": ("نور حداد", "نور", "حداد"),
    "both directions": ("נועה Cohen", "נועה", "Cohen"),
    "markup": ('<b onclick="x">&amp;"\'', "<b>", "'"),
}


@pytest.mark.parametrize(("name", "given", "surname"), NAMES.values(), ids=NAMES)
def test_names(
    company_app: Flask,
    session: Session,
    person: Find,
    invite: Invite,
    name: str,
    given: str,
    surname: str,
) -> None:
    """In every state of a greeting, with no photo, mail or title."""
    dana = person("dana")
    dana.name, dana.given_name, dana.surname = name, given, surname
    dana.title = dana.team = dana.city = ""
    dana.photo_digest = None
    session.commit()
    key = key_of(invite("tomas", "dana", "kenji"))
    dana.mail = ""
    session.commit()
    tomas, other = Browser(company_app, "tomas"), Browser(company_app, "dana")
    for said in ("", "hi"):
        if said == "hi":
            tomas.post(f"/people/meetings/{key}/hi/dana", line=f"Hi {name}")
        for browser in (tomas, other):
            for path in (*PAGES, "/people/@dana", "/people/@dana/card"):
                page = browser.get(path)
                assert page.status_code == 200, path
                assert '<b onclick="x">' not in page.text
    edit = tomas.get(f"/people/meetings/{key}/hi/kenji?edit")
    assert edit.status_code == 200


@pytest.mark.parametrize(
    "query",
    ["on=", "on=2026-13-01", "on=0001-01-01", "as=x.9999999999", "as=.-1", "as=city.%00", "edit"],
)
@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
def test_odd_addresses(company_app: Flask, key: str, query: str, htmx: bool) -> None:
    tomas = Browser(company_app, "tomas")
    for path in ("/people/meetings", f"/people/meetings/{key}/hi/dana", f"/people/meetings/{key}"):
        for more in (query, f"{query}&placement=x%22y", f"{query}&placement={'z' * 500}"):
            answer = tomas.get(f"{path}?{more}", htmx=htmx)
            assert answer.status_code in (200, 404), path
            assert 'x"y' not in answer.text


def test_a_meeting_without_a_title(company_app: Flask, invite: Invite) -> None:
    invite("tomas", "dana", title="")
    for path in ("/people/", "/people/meetings", "/people/@dana"):
        assert "A meeting" in Browser(company_app, "tomas").get(path).text


def test_a_meeting_with_nobody_else(company_app: Flask, invite: Invite) -> None:
    invite("tomas")
    page = Browser(company_app, "tomas").get("/people/meetings").text
    assert "Nobody else from here is in it." in page


def test_two_tabs_of_one_person(company_app: Flask, key: str) -> None:
    """What one tab said, the other says too, and an undo of both undoes once."""
    one, other = Browser(company_app, "tomas"), Browser(company_app, "tomas")
    path = f"/people/meetings/{key}/hi/dana"
    first = one.post(path, htmx=True, line="From here").text
    again = other.post(path, htmx=True, line="From there").text
    assert "From here" in first
    assert "From here" in again, "it was said before"
    undo = first.partition('formaction="/people/hellos/')[2].partition("/undo")[0]
    for tab in (one, other):
        assert "Say hi" in tab.post(f"/people/hellos/{undo}/undo", htmx=True).text
