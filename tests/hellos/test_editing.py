"""A line is sent as it is shown, edited in place, and comes back after an undo."""

from __future__ import annotations

import html
import re

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from intranet_people.hellos.hello import Hello

from ..client import Browser
from ..meetings.diaries import Invite
from .conftest import count

SEND = re.compile(
    r'<button class="ip-button[^>]*? name="line" value="([^"]*)"[^>]*? formaction="([^"]+)"'
)


def ready(page: str, handle: str) -> tuple[str, str]:
    """The line of the button of somebody's row, and where it sends that."""
    row = page.partition(f'class="ip-greeting" data-person="{handle}"')[2]
    found = SEND.search(row)
    assert found
    return html.unescape(found[1]), found[2]


def test_the_button_sends_the_line_that_is_shown(
    company_app: Flask, session: Session, key: str
) -> None:
    tomas = Browser(company_app, "tomas")
    page = tomas.get("/people/meetings").text
    line, action = ready(page, "dana")
    assert f"<bdi>{html.escape(line)}</bdi>" in page
    tomas.post(action, line=line)
    assert session.scalar(select(Hello.text)) == line


@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
def test_edit_and_send(company_app: Flask, session: Session, key: str, htmx: bool) -> None:
    tomas = Browser(company_app, "tomas")
    page = tomas.get("/people/meetings").text
    path = f"/people/meetings/{key}/hi/dana"
    edit = re.search(rf'href="({path}\?[^"]*edit)"', page)
    assert edit
    assert 'Edit<span class="ip-visually-hidden"> the line to Dana Whitfield</span>' in page
    opened = tomas.get(html.unescape(edit[1]), htmx=htmx).text
    line = ready(page, "dana")[0]
    assert f">{html.escape(line)}</textarea>" in opened
    assert "Send</button>" in opened
    assert f'<form class="ip-line-form" action="{path}"' in opened
    said = tomas.post(path, htmx=htmx, line="I loved your talk", next="/people/meetings")
    assert said.status_code == (200 if htmx else 303)
    assert session.scalar(select(Hello.text)) == "I loved your talk"


def test_not_now_is_the_row_again(company_app: Flask, key: str) -> None:
    row = Browser(company_app, "tomas").get(f"/people/meetings/{key}/hi/dana", htmx=True).text
    assert "<textarea" not in row
    assert "Say hi" in row


def test_undo_gives_my_words_back(company_app: Flask, key: str) -> None:
    tomas = Browser(company_app, "tomas")
    path = f"/people/meetings/{key}/hi/dana"
    said = tomas.post(path, htmx=True, line="I loved your talk").text
    undo = re.search(r'formaction="([^"]+/undo)"', said)
    assert undo
    assert ready(tomas.post(undo[1], htmx=True).text, "dana")[0] == "I loved your talk"
    assert ready(tomas.get("/people/meetings").text, "dana")[0] == "I loved your talk"


def test_a_list_has_one_form(company_app: Flask, key: str) -> None:
    page = Browser(company_app, "tomas").get("/people/meetings", htmx=True).text
    assert page.count("<form") == 1
    assert page.count("<textarea") == 0


def test_280_letters_without_a_blank(company_app: Flask, key: str) -> None:
    tomas = Browser(company_app, "tomas")
    tomas.post(f"/people/meetings/{key}/hi/dana", line="x" * 400)
    assert "x" * 280 in tomas.get("/people/meetings").text
    assert "x" * 281 not in tomas.get("/people/meetings").text


def test_answer_all(company_app: Flask, session: Session, invite: Invite, key: str) -> None:
    dana = Browser(company_app, "dana")
    for handle in ("tomas", "kenji"):
        Browser(company_app, handle).post(f"/people/meetings/{key}/hi/dana", line=f"I am {handle}")
    page = dana.get("/people/hellos").text
    assert "2 people said hi to you" in page
    assert "Answer all 2</button>" in page
    for handle in ("tomas", "kenji"):
        assert f"I am {handle}" in page
    answered = dana.post(f"/people/meetings/{key}/reply", htmx=True, line="Hi all").text
    assert "Answer all" not in answered
    assert 'hx-swap-oob="true"' in answered, "the badge counts none at once"
    assert session.scalars(select(Hello.reply)).all() == ["Hi all"] * 2
    plain = dana.post(f"/people/meetings/{key}/reply", line="Again", next="/people/hellos")
    assert plain.status_code == 303
    assert session.scalars(select(Hello.reply)).all() == ["Hi all"] * 2


def test_others_answer_nothing(company_app: Flask, session: Session, key: str) -> None:
    Browser(company_app, "tomas").post(f"/people/meetings/{key}/hi/dana", line="Hi")
    Browser(company_app, "priya").post(f"/people/meetings/{key}/reply", line="Not mine")
    assert session.scalar(select(Hello.reply)) is None
    assert count(session) == 1
