"""The search page: whole, as a fragment, and what is said of it."""

from __future__ import annotations

from ..client import Browser, people_in


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
