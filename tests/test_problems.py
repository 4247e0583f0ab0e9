"""Problems are stored as codes, and read in the language of whoever looks at them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from intranet_people.people.person import Person
from intranet_people.problems import KINDS, Failure, Problem, problem_from

from .client import Browser
from .conftest import COMPANY, MakeApp
from .operations.conftest import DOWN, LONG_TITLE, ran

PACKAGE = Path(__file__).parents[1] / "intranet_people"
RAISED = re.compile(r'Problem\(\s*"([a-z0-9-]+)"|code = "([a-z0-9-]+)"|return "(photo-[a-z-]+)"')
IN_FETCH = re.compile(r'_problem\("([a-z-]+)"')
NOTED = re.compile(r'\.note\("([a-z0-9-]+)"|Unreadable\("([a-z0-9-]+)"|SAME_MAIL\b.* = "([a-z-]+)"')


def codes_in_use() -> set[str]:
    """Of every Problem that the package makes."""
    found = {"account-refused", "sasl-refused"}  # one of the two, by a variable
    for file in PACKAGE.rglob("*.py"):
        text = file.read_text()
        found |= {f"calendar-{code}" for code in IN_FETCH.findall(text)}
        for pattern in (RAISED, NOTED):
            found |= {code for codes in pattern.findall(text) for code in codes if code}
    return found


def test_every_code_has_words_and_every_word_a_problem() -> None:
    assert codes_in_use() == set(KINDS)


@pytest.mark.parametrize("code", KINDS)
def test_words_fit(code: str) -> None:
    words = str(Problem(code, "<subject>", "<detail>"))
    assert "%" not in words
    assert words[0].islower() or words[0] == "<"
    assert not words.endswith(".")


def test_a_code_of_another_version_is_told_as_it_is() -> None:
    assert str(Problem("from-tomorrow", "cn", "7")) == "from-tomorrow: cn 7"


def test_a_text_is_the_detail_of_a_failure() -> None:
    assert Failure("why").problem == Problem("failed", "", "why")
    assert str(Failure(DOWN)) == str(DOWN)


@pytest.mark.parametrize(
    "values", [None, 3, [], ["photo-broken"], ["no code", "", ""], [[], "", ""], ["a", 1, 2, 3]]
)
def test_what_a_child_says_may_be_anything(values: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        problem_from(values)  # type: ignore[arg-type]


def test_an_operator_who_reads_german(
    open_app: MakeApp, company_url: str, session: Session
) -> None:
    app: Flask = open_app(
        SQLALCHEMY_DATABASE_URI=company_url,
        **COMPANY,
        PEOPLE_OPERATORS=["tomas"],
        PEOPLE_LOCALE="de",
    )
    dana = session.scalars(select(Person).where(Person.handle == "dana")).one()
    dana.problems = [LONG_TITLE]
    ran(session, 5, "failed", reasons=[DOWN])
    page = Browser(app, "tomas").get("/people/status").text
    assert "title hat 4000 Zeichen; ausgelassen" in page
    assert "Kürze den Wert im Verzeichnis" in page
    assert "kein Verzeichnisserver antwortet: ldaps://dc1.corp.example" in page
    assert 'lang="en"' not in page
