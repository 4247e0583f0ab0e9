"""What every page does alike: who is accepted, how much is asked, odd addresses."""

from __future__ import annotations

from flask import Flask

from ..client import Browser
from ..queries import counted


def test_strangers_are_asked_to_sign_in(company_app: Flask) -> None:
    stranger = company_app.test_client()
    answer = stranger.get("/people/search?q=dana")
    assert answer.location == "/people/sign-in?next=/people/search?q%3Ddana"
    assert stranger.get("/people/", headers={"HX-Request": "true"}).status_code == 401


def test_queries_do_not_grow_with_the_page(company_app: Flask, tomas: Browser) -> None:
    def cost(path: str, htmx: bool = False) -> int:
        with counted(company_app) as statements:
            assert tomas.get(path, htmx).status_code == 200
        return len(statements)

    one, many = cost("/people/search?q=dana", True), cost("/people/search?q=a", True)
    assert one == many <= 4
    assert cost("/people/", True) <= 4
    assert cost("/people/@amina") == cost("/people/@dana") <= 8
    assert cost("/people/") <= 8


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
