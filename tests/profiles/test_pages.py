"""The people pages: list, search, profile, card; whole, as fragments, refused, counted."""

from __future__ import annotations

import pytest
from flask import Flask
from markupsafe import escape

from intranet_people.people.person import by_handle

from ..client import Browser
from ..conftest import plugin_of
from ..queries import counted


@pytest.fixture
def tomas(company_app: Flask) -> Browser:
    return Browser(company_app, "tomas")


def people_in(page: str) -> list[str]:
    rows = page.split('<li class="ip-row" data-person="')[1:]
    return [row.partition('"')[0] for row in rows]


def test_everybody_page_by_page(tomas: Browser) -> None:
    seen: list[str] = []
    path = "/people/"
    while path:
        page = tomas.get(path, htmx=True).text
        seen += people_in(page)
        path = page.partition('ip-more"><a class="ip-button ip-quiet" href="')[2].partition('"')[0]
    assert len(seen) == len(set(seen)) == 120


def test_whole_page_before_typing(tomas: Browser) -> None:
    page = tomas.get("/people/").text
    assert page.startswith("<!doctype html>")
    assert "New here" in page
    assert "People you follow" not in page
    tomas.post("/people/@dana/follow")
    assert "People you follow" in tomas.get("/people/").text


def test_search(tomas: Browser) -> None:
    page = tomas.get("/people/search?q=DANA whit").text
    assert people_in(page) == ["dana"]
    assert "<mark>Dana</mark>" in page
    assert 'value="DANA whit"' in page
    fragment = tomas.get("/people/search?q=%E4%BD%90%E8%97%A4", htmx=True).text
    assert people_in(fragment) == ["kenji"]
    assert "<html" not in fragment


def test_search_finds_nobody(tomas: Browser) -> None:
    page = tomas.get("/people/search?q=<script>alert(1)</script>").text
    assert "Nobody found for" in page
    assert "<script>alert" not in page


def test_empty_search_is_everybody(tomas: Browser) -> None:
    assert people_in(tomas.get("/people/search?q=+", htmx=True).text)


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


def test_strangers_are_asked_to_sign_in(company_app: Flask) -> None:
    stranger = company_app.test_client()
    answer = stranger.get("/people/search?q=dana")
    assert answer.location == "/people/sign-in?next=/people/search?q%3Ddana"
    assert stranger.get("/people/", headers={"HX-Request": "true"}).status_code == 401


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


def test_queries_do_not_grow_with_the_page(company_app: Flask, tomas: Browser) -> None:
    def cost(path: str, htmx: bool = False) -> int:
        with counted(company_app) as statements:
            assert tomas.get(path, htmx).status_code == 200
        return len(statements)

    one, many = cost("/people/search?q=dana", True), cost("/people/search?q=a", True)
    assert one == many <= 4
    assert cost("/people/", True) <= 4
    assert cost("/people/@amina") == cost("/people/@dana") <= 8
    assert cost("/people/") <= 12


def test_paths_with_nonsense(tomas: Browser) -> None:
    for path in (
        "/people/?after=~",
        "/people/?after=x~99999999999999999999",
        "/people/?after=%00~1",
        "/people/?after=x~%C2%B2",
        "/people/search?q=%00",
        "/people/search?q=" + "a " * 3000,
        "/people/@%00",
        "/people/@dana/photo?size=x",
        "/people/photos/x/64.webp",
        "/people/widgets/nonsense",
        "/people/widgets/card",
        "/people/hellos/badge?n=x",
        "/people/zzz",
    ):
        assert tomas.get(path).status_code in (200, 302, 404), path


def test_a_mail_address_finds_its_owner(tomas: Browser) -> None:
    page = tomas.get("/people/search?q=dana.whitfield@northwind.example", htmx=True).text
    assert people_in(page) == ["dana"]


def test_what_was_found_is_said(tomas: Browser) -> None:
    said = '<p hx-swap-oob="innerHTML:#ip-found">{}</p>'
    assert said.format("One person found") in tomas.get("/people/search?q=dana", True).text
    assert said.format("Nobody found") in tomas.get("/people/search?q=zzzz", True).text
    whole = tomas.get("/people/search?q=dana").text
    assert 'id="ip-found" role="status"' in whole
    assert "hx-swap-oob" not in whole


def test_health(company_app: Flask) -> None:
    answer = company_app.test_client().get("/people/health").json
    assert answer
    assert answer["status"] == "ok"
    assert answer["sync"] == "done"
    assert answer["sync_age_seconds"] >= 0


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
    assert "<dt><bdi>Languages</bdi></dt><dd><bdi>English</bdi>, <bdi>Nederlands</bdi></dd>" in page
    assert "also in <bdi>Research</bdi>, <bdi>&lt;u&gt;All&lt;/u&gt;</bdi>" in page
    assert "&lt;b&gt;Desk&lt;/b&gt;" in page
    for markup in ("<b>Desk", "<i>3", "<u>All"):
        assert markup not in page
