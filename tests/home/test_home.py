"""The first page: what comes before the list, and the list."""

from __future__ import annotations

import gzip
import re
from importlib.resources import files

from flask import Flask

from intranet_people.web.assets import HTMX

from ..client import Browser, people_in

STATIC = ("people.css", "people.js", HTMX)


def test_everybody_page_by_page(tomas: Browser) -> None:
    seen: list[str] = []
    path = "/people/"
    headings: list[str] = []
    while path:
        page = tomas.get(path, htmx=True).text
        seen += people_in(page)
        headings += headings_in(page)
        path = page.partition('href="/people/?after=')[2].partition('"')[0]
        path = path and f"/people/?after={path}"
    assert len(seen) == len(set(seen)) == 120
    assert seen[:3] == ["yusuf", "noah", "zuri"], "Abdelrahman, Abrams, Achieng"
    assert headings == sorted(set(headings)), "each letter once, over all pages"
    assert {"A", "S", "Z"} <= set(headings)


def headings_in(page: str) -> list[str]:
    return re.findall("<h2>(.)</h2>", page)


def test_a_page_of_its_own_begins_with_a_letter(tomas: Browser) -> None:
    """Without JavaScript nobody sees the page before."""
    after = "/people/?after=sato%20kenji~1"
    assert headings_in(tomas.get(after).text)[0] == "S"
    assert headings_in(tomas.get(after, htmx=True).text)[0] != "S"


def test_a_name_in_two_scripts_begins_with_the_latin_one(tomas: Browser) -> None:
    page = tomas.get("/people/?after=sato%20j~0").text
    assert '<bdi>Kenji Sato</bdi> <bdi class="ip-native">佐藤 健二</bdi></a>' in page
    assert people_in(page)[0] == "kenji", "by Sato, and not by another language's reading"
    assert "Follow</span>" not in page
    follow = re.sub("<[^>]+>", "", page)
    assert "Follow 佐藤 健二 Kenji Sato" in follow, "as the directory has it"


def test_whole_page_before_typing(tomas: Browser) -> None:
    page = tomas.get("/people/").text
    assert page.startswith("<!doctype html>")
    assert "New here" in page
    assert "People you follow" not in page
    tomas.post("/people/@dana/follow")
    assert "People you follow" in tomas.get("/people/").text


def test_the_first_page_is_small(company_app: Flask) -> None:
    """Page, styles and scripts, compressed, without photos: for slow connections."""
    page = Browser(company_app, "nour").get("/people/")
    static = files("intranet_people").joinpath("static")
    parts = [page.data, *(static.joinpath(*name.split("/")).read_bytes() for name in STATIC)]
    assert sum(len(gzip.compress(part)) for part in parts) < 45_000
