"""A person's page and card; who has left, and foreign text."""

from __future__ import annotations

import pytest
from flask import Flask
from markupsafe import escape

from intranet_people.people.person import by_handle

from ..client import Browser
from ..conftest import plugin_of


def test_profile(tomas: Browser) -> None:
    page = tomas.get("/people/@DANA").text
    assert "<h1><bdi>Dana Whitfield</bdi></h1>" in page
    for shown in ("Head of Calibration", "Oslo", "dana.whitfield@northwind.example", "tel:+47"):
        assert shown in page, shown
    assert 'data-person="amina"' in page, "the manager"
    assert "Follow<span" in page


def test_my_own(tomas: Browser) -> None:
    assert tomas.get("/people/me").location == "/people/@tomas"
    assert "Follow<span" not in tomas.get("/people/@tomas").text


def test_card(tomas: Browser) -> None:
    assert tomas.get("/people/@dana/card").text.startswith("<!doctype html>")
    card = tomas.get("/people/@dana/card", htmx=True).text
    assert card.strip().startswith('<article class="ip-card ip-person-card" data-person="dana">')


def test_nobody_there(tomas: Browser) -> None:
    answer = tomas.get("/people/@nobody")
    assert answer.status_code == 404
    assert "Not here" in answer.text


def test_a_leaver_is_shown_as_such_to_who_follows_them_and_signed_out(
    company_app: Flask, tomas: Browser
) -> None:
    dana, nour = Browser(company_app, "dana"), Browser(company_app, "nour")
    tomas.post("/people/@dana/follow")
    with company_app.app_context():
        session = plugin_of(company_app).session
        leaver = by_handle(session, "dana")
        assert leaver
        leaver.left_at = leaver.joined_at
        session.commit()
    for page in ("/people/@dana", "/people/@dana/card"):
        assert "left in" in tomas.get(page).text
        assert "Follow<span" not in tomas.get(page).text
        assert nour.get(page).status_code == 404
    assert "How to reach" not in tomas.get("/people/@dana").text
    assert dana.get("/people/").status_code == 302


NAUGHTY = ["<script>alert(1)</script>", "\"'><img src=x onerror=alert(1)>", "{{ 7*7 }}", "‮⁦x"]


@pytest.mark.parametrize("text", NAUGHTY)
def test_directory_values_are_text(company_app: Flask, tomas: Browser, text: str) -> None:
    with company_app.app_context():
        session = plugin_of(company_app).session
        dana = by_handle(session, "dana")
        assert dana
        dana.name = dana.title = dana.office = dana.mail = dana.team = dana.given_name = text
        dana.phones = [text]
        session.commit()
    for path in ("/people/@dana", "/people/@dana/card", "/people/search?q=danish", "/people/"):
        page = tomas.get(path).text
        assert text not in page or text == str(escape(text)), path
    assert "49" not in tomas.get("/people/@dana").text.partition("<h1>")[2].partition("</h1>")[0]


def test_a_companys_own_fields_and_teams_are_shown_as_text(
    company_app: Flask, tomas: Browser
) -> None:
    with company_app.app_context():
        session = plugin_of(company_app).session
        dana = by_handle(session, "dana")
        assert dana
        dana.extra = {"Languages": ["English", "Nederlands"], "<b>Desk</b>": ["<i>3</i>"]}
        dana.teams = ["Calibration", "Research", "<u>All</u>"]
        session.commit()
    page = tomas.get("/people/@dana").text
    assert "<dd><bdi>English</bdi>, <bdi>Nederlands</bdi></dd>" in page
    assert "also in <bdi>Research</bdi>, <bdi>&lt;u&gt;All&lt;/u&gt;</bdi>" in page
    assert "&lt;b&gt;Desk&lt;/b&gt;" in page
    for markup in ("<b>Desk", "<i>3", "<u>All"):
        assert markup not in page
