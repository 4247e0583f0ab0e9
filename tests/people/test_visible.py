"""Who is shown to whom, by every address that there is: for who is not, the bytes of nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from intranet_people.clock import now as current
from intranet_people.follows.follow import follow
from intranet_people.hellos.hello import Hello, say_hi
from intranet_people.meetings.meeting import key_of
from intranet_people.people.person import Person, by_handle
from intranet_people.photos.photo import Photo
from intranet_people.problems import Problem

from ..client import HTMX, Browser
from ..conftest import COMPANY, MakeApp
from ..meetings.diaries import Invite

LEAVER, HIDDEN = "kenji", "priya"
UNSEEN = (LEAVER, HIDDEN)
NOBODY = "nobody-here"
NO_KEY, NO_ID, NO_DIGEST = "0" * 32, 999_999, "f" * 64

# What stands in an address, for somebody and for nobody: each route is asked for both.
ABOUT_A_PERSON = {"handle", "digest", "hello_id"}


class Company:
    """Nour has a meeting and a hello with each of those who are not seen; Tomás follows them."""

    def __init__(self, app: Flask, session: Session, invite: Invite, now: datetime) -> None:
        self.app, self.session = app, session
        self.key = key_of(invite("nour", "tomas", "dana", *UNSEEN))
        nour, tomas = self.person("nour"), self.person("tomas")
        self.hellos = {}
        for number, handle in enumerate(UNSEEN):
            unseen = self.person(handle)
            follow(session, tomas, unseen)
            said = (
                say_hi(session, nour, unseen, self.key, "Hi from Nour", now)
                if number
                else say_hi(session, unseen, nour, self.key, f"Hi from {handle}", now)
            )
            self.hellos[handle] = said.id
            unseen.photo_digest = digest_of(handle)
            session.add(Photo(digest=unseen.photo_digest, size=64, data=b"RIFF0000WEBP"))
        self.person(LEAVER).left_at = now
        self.person(HIDDEN).is_hidden = True
        session.commit()

    def person(self, handle: str) -> Person:
        person = by_handle(self.session, handle)
        assert person
        return person

    def names(self, handle: str) -> list[str]:
        """What must not be found in a page that they are not in."""
        person = self.person(handle)
        texts = [person.name, person.mail, person.photo_digest, f"@{handle}", f'"{handle}"']
        return [text for text in texts if text]

    def values(self, rule: Rule, handle: str) -> dict[str, Any]:
        """What to fill an address with."""
        known: Mapping[str, Any] = {
            "handle": handle,
            "key": self.key,
            "digest": NO_DIGEST if handle == NOBODY else digest_of(handle),
            "size": 64,
            "hello_id": self.hellos.get(handle, NO_ID),
            "name": "card",
            "filename": "people.css",
            "nowhere": "nowhere",
        }
        return {argument: known[argument] for argument in rule.arguments}


def digest_of(handle: str) -> str:
    return handle.encode().hex().ljust(64, "0")


@pytest.fixture
def company(open_app: MakeApp, company_url: str, session: Session, invite: Invite) -> Company:
    app = open_app(SQLALCHEMY_DATABASE_URI=company_url, **COMPANY, PEOPLE_OPERATORS="tomas")
    return Company(app, session, invite, current())


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


def test_who_is_hidden_is_hidden_from_who_follows_them_and_from_operators(company: Company) -> None:
    tomas = Browser(company.app, "tomas")
    for page in ("@priya", "@priya/card", "@priya/photo", "widgets/card?person=priya"):
        assert tomas.get(f"/people/{page}").status_code == 404, page
    assert "Priya" not in tomas.get("/people/following").text
    assert tomas.get(f"/people/photos/{digest_of(HIDDEN)}/64.webp").status_code == 404


def test_the_status_page_of_operators_has_the_id_of_who_is_hidden(company: Company) -> None:
    priya = company.person(HIDDEN)
    priya.problems = [Problem("no-name", "cn")]
    company.session.commit()
    page = Browser(company.app, "tomas").get("/people/status").text
    assert priya.directory_id in page
    assert [name for name in company.names(HIDDEN) if name in page] == []


def test_who_is_hidden_signs_in_searches_and_follows(company: Company) -> None:
    priya = Browser(company.app, HIDDEN)
    page = priya.get("/people/@priya").text
    assert "directory hides you" in page
    assert priya.get(f"/people/photos/{digest_of(HIDDEN)}/64.webp").status_code == 200
    assert "Dana Whitfield" in priya.get("/people/search?q=dana").text
    assert priya.post("/people/@dana/follow", htmx=True).status_code == 200
    assert "Dana Whitfield" in priya.get("/people/following").text


def test_who_is_hidden_cannot_say_hi_which_would_show_them(company: Company) -> None:
    priya = Browser(company.app, HIDDEN)
    before = count_hellos(company.session)
    assert "Say hi to" not in priya.get("/people/meetings").text
    refused = priya.post(f"/people/meetings/{company.key}/hi/dana", line="Hi Dana")
    assert refused.status_code == 409
    assert "a hi would show you" in refused.text
    assert count_hellos(company.session) == before
    assert "</form>" not in priya.get("/people/hellos").text.partition("</header>")[2]
    answer = priya.post(f"/people/hellos/{company.hellos[HIDDEN]}/reply", line="Hi back")
    assert "a hi would show you" in answer.text
    company.session.expire_all()
    assert company.session.get_one(Hello, company.hellos[HIDDEN]).reply is None


def test_an_answer_of_somebody_hidden_is_still_new_when_they_are_shown_again(
    company: Company,
) -> None:
    said = company.session.get_one(Hello, company.hellos[HIDDEN])
    said.reply, said.replied_at = "Hi back", current()
    company.session.commit()
    nour = Browser(company.app, "nour")
    nour.get("/people/hellos")
    company.session.refresh(said)
    assert said.reply_seen_at is None
    company.person(HIDDEN).is_hidden = False
    company.session.commit()
    assert "Hi back" in nour.get("/people/hellos").text
    company.session.refresh(said)
    assert said.reply_seen_at is not None


@pytest.mark.parametrize("action", ["reply", "met"])
def test_who_is_hidden_between_two_queries_of_an_action_is_nobody(
    company: Company, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    tomas, dana = company.person("tomas"), company.person("dana")
    said = say_hi(company.session, dana, tomas, company.key, "Hi from Dana", current())
    if action == "met":
        said.reply, said.replied_at, said.starts_at = "Hi back", current(), current()
        company.session.commit()
    monkeypatch.setattr("intranet_people.hellos.views.of_hellos", lambda *arguments: [])
    answer = Browser(company.app, "tomas").post(f"/people/hellos/{said.id}/{action}", line="Hi")
    assert answer.status_code == 404


def test_a_follower_who_follows_a_leaver_again_keeps_the_button(company: Company) -> None:
    answer = Browser(company.app, "tomas").post("/people/@kenji/follow", htmx=True)
    assert "Unfollow" in answer.text


def test_who_is_shown_again_is_as_before(company: Company) -> None:
    company.person(HIDDEN).is_hidden = False
    company.person(LEAVER).left_at = None
    company.session.commit()
    nour = Browser(company.app, "nour")
    for handle in UNSEEN:
        assert nour.get(f"/people/@{handle}").status_code == 200
        assert company.person(handle).name in nour.get("/people/hellos").text


def count_hellos(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Hello)) or 0
