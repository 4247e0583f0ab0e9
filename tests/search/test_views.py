"""The search page: whole, as a fragment, what is said of it, and what of the people in it."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from jinja2 import ChoiceLoader, DictLoader

from ..client import Browser, people_in
from ..queries import counted


def test_search(tomas: Browser) -> None:
    page = tomas.get("/people/search?q=DANA whit").text
    assert people_in(page) == ["dana"]
    assert 'value="DANA whit"' in page
    fragment = tomas.get("/people/search?q=%E4%BD%90%E8%97%A4", htmx=True).text
    assert people_in(fragment) == ["kenji"]
    assert "<html" not in fragment


def test_one_person_is_a_card_to_follow(tomas: Browser) -> None:
    page = tomas.get("/people/search?q=dana").text
    assert 'class="ip-card ip-person-card" data-person="dana"' in page
    assert 'action="/people/@dana/follow"' in page
    assert '<li class="ip-row"' not in page
    tomas.post("/people/@dana/follow")
    assert 'action="/people/@dana/unfollow"' in tomas.get("/people/search?q=dana", htmx=True).text


def test_what_is_typed_is_kept_with_what_was_found(tomas: Browser) -> None:
    """By which a key knows that the first of them may be opened."""
    assert 'data-query="DANA  w"' in tomas.get("/people/search?q=DANA++w", htmx=True).text
    for query in ("whitfeild", "zzzz", "+"):
        assert "data-query" not in tomas.get(f"/people/search?q={query}", htmx=True).text


def test_search_finds_nobody(tomas: Browser) -> None:
    page = tomas.get("/people/search?q=<script>alert(1)</script>").text
    assert "Nobody found for" in page
    assert "<script>alert" not in page


@pytest.mark.parametrize(
    ("query", "handle"),
    [("whitfeild", "dana"), ("groessmann", "juergen"), ("Dnaa", "dana"), ("kenji satto", "kenji")],
)
def test_the_nearest_names(tomas: Browser, query: str, handle: str) -> None:
    page = tomas.get(f"/people/search?q={query}", htmx=True).text
    assert f"Nobody found for “<bdi>{query}</bdi>”." in page
    assert "The nearest names" in page
    assert people_in(page)[0] == handle
    assert len(people_in(page)) <= 5


@pytest.mark.parametrize("query", ["zzzz", "12345", "!?"])
def test_who_is_new_where_no_name_is_near(tomas: Browser, query: str) -> None:
    page = tomas.get(f"/people/search?q={query}", htmx=True).text
    assert "The beginning of a name, a team or a place is enough." in page
    assert "New here" in page
    assert "The nearest names" not in page
    assert len(people_in(page)) == 3


def test_newcomers_are_not_shown_to_themselves(company_app: Flask) -> None:
    page = Browser(company_app, "nour").get("/people/search?q=zzzz", htmx=True).text
    assert len(people_in(page)) == 3
    assert "nour" not in people_in(page)


def test_empty_search_is_everybody(tomas: Browser) -> None:
    assert people_in(tomas.get("/people/search?q=+", htmx=True).text)


def test_a_mail_address_finds_its_owner(tomas: Browser) -> None:
    page = tomas.get("/people/search?q=dana.whitfield@northwind.example", htmx=True).text
    assert people_in(page) == ["dana"]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("dana", "One person"),
        ("calibration", "8 people"),
        ("a", "The first 25 people"),
        ("zzzz", "Nobody found for “<bdi>zzzz</bdi>”."),
    ],
)
def test_what_was_found_is_said(tomas: Browser, query: str, said: str) -> None:
    fragment = tomas.get(f"/people/search?q={query}", htmx=True).text
    assert f'<p hx-swap-oob="innerHTML:#ip-found">{said}</p>' in fragment
    page = tomas.get(f"/people/search?q={query}").text
    assert f'<p class="ip-found" id="ip-found" role="status">{said}</p>' in page
    assert "hx-swap-oob" not in page


def test_the_status_is_there_before_words_come(tomas: Browser) -> None:
    assert '<p class="ip-found" id="ip-found" role="status"></p>' in tomas.get("/people/").text


def test_what_matched_is_marked_and_named(tomas: Browser) -> None:
    page = tomas.get("/people/search?q=calibration").text
    assert "Head of <mark>Calibration</mark>, Oslo" in page
    assert why(page, "dana") == "", "as the line shows it"
    assert why(page, "emily") == "Team: <bdi><mark>Calibration</mark></bdi>"
    both = tomas.get("/people/search?q=fjord oslo").text
    assert why(both, "dana").startswith("Office: <bdi><mark>Fjord</mark> ")
    assert "Office: <bdi><mark>Fjord</mark>" in tomas.get("/people/search?q=fjord dana").text


def why(page: str, handle: str) -> str:
    """What the row of that person gives as the reason."""
    row = page.partition(f'<li class="ip-row" data-person="{handle}"')[2].partition("</li>")[0]
    return re.sub(r"\s*\n\s*", "", row.partition('ip-why">')[2].partition("</p>")[0])


def test_the_number_of_queries_is_constant(company_app: Flask, tomas: Browser) -> None:
    """The viewer, the badge and who is followed are asked for as well."""
    for query, number in {"dana": 1, "a": 1, "whitfeild": 2, "kenji satto xy": 3, "!?": 1}.items():
        with counted(company_app) as statements:
            tomas.get(f"/people/search?q={query}", htmx=True)
        people = [s for s in statements if "FROM people_person" in s and "people_index" in s]
        assert len(statements) <= 6, statements
        assert len(people) <= number, query


def test_the_card_of_one_hit_has_all_of_them(company_app: Flask, tomas: Browser) -> None:
    """As a host's slot shows it: `person` is the same as on a card of its own."""
    loader = DictLoader({"intranet_people/slots/card.html": "Desk: {{ person.office }}"})
    usual = company_app.jinja_env.loader
    assert usual
    company_app.jinja_env.loader = ChoiceLoader([loader, usual])
    card = tomas.get("/people/@dana/card", htmx=True).text
    desk = re.search("Desk: .+", card)
    assert desk
    found = tomas.get("/people/search?q=dana+whitfield", htmx=True).text
    assert desk[0] in found
