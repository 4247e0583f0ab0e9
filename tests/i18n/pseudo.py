"""A language that was made up: every text in brackets, and what a page says outside of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.dates import format_timedelta, get_day_names, get_month_names
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from intranet_people.meetings.guest_lists import Guest
from intranet_people.meetings.meeting import Meeting
from intranet_people.people.person import Person
from intranet_people.text import initials_of
from tools.words import extracted

from ..client import Browser
from .conftest import Speak

LANGUAGE = "eo"
ACCENTS = str.maketrans("aeiouyAEIOU", "áéíóúýÁÉÍÓÚ")
SPOKEN = {
    "aria-label",
    "title",
    "placeholder",
    "alt",
    "data-ip-offline",
    "data-ip-unsent",
    "data-ip-no-answer",
    "data-ip-again",
    "data-label",
}
VOID = {"input", "meta", "link", "img", "wbr", "br"}


def pseudo(text: str) -> str:
    parts = re.split(r"(%\(\w+\)s)", text)
    return "⟦" + "".join(p if p.startswith("%(") else p.translate(ACCENTS) for p in parts) + "⟧"


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


@pytest.fixture(scope="session")
def pseudo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The catalogue of that language, of all texts that there are."""
    folder = tmp_path_factory.mktemp("pseudo")
    lines = []
    for message in extracted():
        match message.id:
            case (str(one), str(many)):
                lines += [f"msgid {quoted(one)}", f"msgid_plural {quoted(many)}"]
                lines += [f"msgstr[{n}] {quoted(pseudo(t))}" for n, t in enumerate((one, many))]
            case str(id) if id:
                lines += [f"msgid {quoted(id)}", f"msgstr {quoted(pseudo(id))}"]
        lines.append("")
    (folder / f"{LANGUAGE}.po").write_text("\n".join(lines))
    return folder


@pytest.fixture
def app(speak: Speak, pseudo_folder: Path) -> Flask:
    """In that language, with Tomás for an operator."""
    settings = {"PEOPLE_TRANSLATIONS": str(pseudo_folder), "PEOPLE_LOCALE": LANGUAGE}
    return speak(**settings, PEOPLE_OPERATORS=["tomas"])


class Reader(HTMLParser):
    """What is read of a page outside of all brackets; what says that it is English is."""

    def __init__(self) -> None:
        super().__init__()
        self.depth = 0
        self.english: list[bool] = []
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag not in VOID:
            is_data = values.get("translate") == "no" or tag == "code"
            self.english.append(values.get("lang") == "en" or is_data)
        for name in SPOKEN & set(values):
            self.found.append(re.sub(r"⟦.*⟧", "", values[name] or ""))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            self.english.pop()

    def handle_data(self, data: str) -> None:
        outside = ""
        for sign in data:
            self.depth += {"⟦": 1, "⟧": -1}.get(sign, 0)
            outside += "" if self.depth or sign == "⟧" else sign
        assert self.depth >= 0, data
        if not any(self.english):
            self.found.append(outside)


Leaks = Callable[[TestResponse], list[str]]


@pytest.fixture
def leaks(store: Session) -> Leaks:
    """What a page says that is neither translated nor the company's own."""
    known = {"Northwind Instruments", *_formats()}
    for person in store.scalars(select(Person)):
        known |= {*person.name_parts, person.letter}
        known |= {person.name, person.given_name, person.surname, person.title, person.team}
        known |= {person.office, person.city, person.handle or "", person.initials}
        known |= {*person.mail.split("@"), *person.teams}
    for meeting in store.scalars(select(Meeting)):
        known |= {meeting.title, meeting.location}
    guests = set(store.scalars(select(Guest.name)))
    known |= guests | {initials_of(name) for name in guests}
    # What a person wrote, as the tests below do, is written so: <so>.
    pattern = "|".join(re.escape(k) for k in sorted(known - {""}, key=len, reverse=True))
    data = re.compile(rf"‹.*?›|(?<!\w)(?:{pattern})(?!\w)")

    def find(answer: TestResponse) -> list[str]:
        reader = Reader()
        # A name of which a part is marked is a name.
        reader.feed(re.sub("</?mark>", "", answer.text))
        left = [data.sub("", text).strip() for text in reader.found]
        return [text for text in left if re.search(r"[^\W\d_]", text)]

    return find


def _formats() -> Iterator[str]:
    """What Babel itself says in that language."""
    for context in ("format", "stand-alone"):
        yield from get_day_names(context=context, locale=LANGUAGE).values()
        yield from get_month_names(context=context, locale=LANGUAGE).values()
    for minutes in range(-60, 60):
        time = timedelta(minutes=minutes)
        yield format_timedelta(time, "minute", threshold=99, add_direction=True, locale=LANGUAGE)


@pytest.fixture
def tomas(app: Flask) -> Browser:
    return Browser(app, "tomas")


def check(leaks: Leaks, browser: Browser, *paths: str, htmx: bool = False) -> None:
    for path in paths:
        answer = browser.get(path, htmx)
        assert leaks(answer) == [], path
        if "⟦" not in answer.text:
            assert answer.status_code == 204 or path.endswith("badge?n=9"), path
