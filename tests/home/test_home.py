"""The first page: what comes before the list, and the list."""

from __future__ import annotations

from ..client import Browser, people_in


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
