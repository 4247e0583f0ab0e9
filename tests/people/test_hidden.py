"""Whom the directory hides: from followers and operators too; and what they can do themselves."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from intranet_people.clock import now as current
from intranet_people.hellos.hello import Hello, say_hi
from intranet_people.problems import Problem

from ..client import Browser
from .conftest import HIDDEN, Company, digest_of


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
    assert "Hi back</button>" not in priya.get("/people/hellos").text
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
        said.reply, said.replied_at, said.ends_at = "Hi back", current(), current()
        company.session.commit()
    monkeypatch.setattr("intranet_people.hellos.inbox_views.of_hellos", lambda *arguments: [])
    answer = Browser(company.app, "tomas").post(f"/people/hellos/{said.id}/{action}", line="Hi")
    assert answer.status_code == 404


def count_hellos(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Hello)) or 0
