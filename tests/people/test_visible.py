"""Who is shown to whom, by every address that there is: for who is not, the bytes of nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from intranet_people.people.person import Person

from ..client import HTMX, Browser
from .conftest import HIDDEN, LEAVER, NOBODY, UNSEEN, Company, digest_of

# What stands in an address, for somebody and for nobody: each route is asked for both.
ABOUT_A_PERSON = {"handle", "digest", "hello_id"}


def rules(app: Flask) -> list[Rule]:
    return [r for r in app.url_map.iter_rules() if r.endpoint.startswith("intranet_people.")]


def methods(rule: Rule) -> set[str]:
    return {"GET", "POST"} & (rule.methods or set())


def ask(browser: Browser, method: str, path: str, htmx: bool) -> TestResponse:
    if method == "POST":
        return browser.post(path, htmx=htmx, line="Hello", next="/people/")
    return browser.get(path, htmx)


def without_names(answer: TestResponse, *own: str) -> tuple[int, list[tuple[str, str]], str]:
    """An answer as it would be for anybody else: without its own address and token."""
    text = answer.get_data(as_text=True)
    text = re.sub(r'name="csrf_token" value="[^"]*"', "", text)
    headers = [(k, v) for k, v in answer.headers if k not in ("Date", "Content-Length")]
    for word in own:
        text = text.replace(word, "*")
        headers = [(k, v.replace(word, "*")) for k, v in headers]
    return answer.status_code, [h for h in headers if h[0] != "Set-Cookie"], text


def asked(company: Company, handle: str) -> Iterator[tuple[str, str, bool]]:
    """Every address that is about somebody, in every way that it can be asked."""
    adapter = company.app.url_map.bind("localhost")
    for rule in rules(company.app):
        paths = []
        if ABOUT_A_PERSON & rule.arguments:
            paths.append(adapter.build(rule.endpoint, company.values(rule, handle)))
        elif rule.endpoint == "intranet_people.widget":
            paths += [f"/people/widgets/{w}?person={handle}" for w in ("card", "follow")]
        for path in paths:
            for method in sorted(methods(rule)):
                for htmx in (False, True):
                    yield method, path, htmx


@pytest.mark.parametrize("unseen", UNSEEN)
@pytest.mark.parametrize("viewer", ["nour", None])
def test_who_is_not_seen_has_the_bytes_of_nobody(
    company: Company, viewer: str | None, unseen: str
) -> None:
    browser = Browser(company.app, viewer) if viewer else None
    stranger = company.app.test_client()
    seen = 0
    pairs = zip(asked(company, unseen), asked(company, NOBODY), strict=True)
    for (method, path, htmx), (_, other_path, _) in pairs:
        if browser:
            answers = [ask(browser, method, p, htmx) for p in (path, other_path)]
        else:
            headers = HTMX if htmx else {}
            answers = [stranger.open(p, method=method, headers=headers) for p in (path, other_path)]
        for_unseen = without_names(answers[0], path, unseen)
        for_nobody = without_names(answers[1], other_path, NOBODY)
        assert for_unseen == for_nobody, (method, path, htmx)
        seen += 1
    assert seen >= 26


def test_every_address_is_one_that_these_tests_know(company: Company) -> None:
    """A new one has to be thought of here."""
    for rule in rules(company.app):
        company.values(rule, "dana")


@pytest.mark.parametrize("unseen", UNSEEN)
def test_no_page_lists_counts_or_names_them(company: Company, unseen: str) -> None:
    browser = Browser(company.app, "nour")
    query = company.person(unseen).name.split()[0]
    pages = ["", "search", f"search?q={query}", f"search?q={unseen}", "meetings", "hellos"]
    pages += ["following", "widgets/meetings", "widgets/search", "@dana", "@nour", "hellos/badge"]
    pages += [
        f"@{p.handle}"
        for p in company.session.scalars(select(Person).limit(200))
        if p.handle and p.handle not in UNSEEN
    ]
    for page in pages:
        for htmx in (False, True):
            text = browser.get(f"/people/{page}", htmx).get_data(as_text=True)
            found = [
                name for name in company.names(unseen) if name in text.replace(f"q={query}", "")
            ]
            if "search?q=" in page:
                found = [name for name in found if name != f'"{unseen}"']
            assert found == [], page


def test_their_hellos_are_not_counted(company: Company) -> None:
    """Kenji had said hi, which was new; nothing of it is left on the badge."""
    text = Browser(company.app, "nour").get("/people/hellos/badge", htmx=True).text
    assert "ip-count" not in text


def test_a_leaver_is_there_for_who_follows_them(company: Company) -> None:
    tomas = Browser(company.app, "tomas")
    for page in ("@kenji", "@kenji/card", "following", "widgets/card?person=kenji"):
        assert company.person(LEAVER).name in tomas.get(f"/people/{page}").text, page
    assert tomas.get(f"/people/photos/{digest_of(LEAVER)}/64.webp").status_code == 200
    assert tomas.get("/people/@kenji/photo").status_code == 302
    assert tomas.post("/people/@kenji/unfollow").status_code == 303
    assert tomas.get("/people/@kenji").status_code == 404
    assert tomas.get(f"/people/photos/{digest_of(LEAVER)}/64.webp").status_code == 404


def test_a_follower_who_follows_a_leaver_again_keeps_the_button(company: Company) -> None:
    answer = Browser(company.app, "tomas").post("/people/@kenji/follow", htmx=True)
    assert "Following, unfollow" in answer.text


def test_who_is_shown_again_is_as_before(company: Company) -> None:
    company.person(HIDDEN).is_hidden = False
    company.person(LEAVER).left_at = None
    company.session.commit()
    nour = Browser(company.app, "nour")
    for handle in UNSEEN:
        assert nour.get(f"/people/@{handle}").status_code == 200
        assert company.person(handle).name in nour.get("/people/hellos").text
