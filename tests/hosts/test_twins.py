"""Two apps in one process: nothing of one is seen in the other."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, session
from sqlalchemy import update
from sqlalchemy.orm import Session
from werkzeug.test import Client

from intranet_people import followed
from intranet_people.people.person import Person
from intranet_people.widgets.widget import people_widget

from ..client import token_of
from ..conftest import COMPANY, close, plugin_of
from .conftest import MakeHost, apart
from .known import HOSTS
from .twins.app import create_app, mounted

Twins = tuple[Flask, Flask]


@pytest.fixture
def twins(meetings_file: Path, tmp_path: Path) -> Iterator[Twins]:
    """The office at /people, the school at /staff, where Dana has another name and clock."""
    made = []
    for site, prefix, zone in (("office", "/people", "UTC"), ("school", "/staff", "Asia/Tokyo")):
        file = tmp_path / f"{site}.db"
        shutil.copy(meetings_file, file)
        settings = COMPANY | {"PEOPLE_COMPANY": f"The {site}", "PEOPLE_TIME_ZONE": zone}
        url = f"sqlite:///{file}"
        made.append(create_app(site, prefix, SQLALCHEMY_DATABASE_URI=url, **settings))
    office, school = made
    apart(change, school, "dana", {"name": "Dana of the school"})
    yield office, school
    for app in made:
        apart(close, app)


def change(app: Flask, handle: str, facts: dict[str, Any]) -> None:
    with app.app_context(), Session(app.extensions["sqlalchemy"].engine) as session:
        session.execute(update(Person).where(Person.handle == handle).values(facts))
        session.commit()


def test_each_shows_its_own_people_under_its_own_prefix(twins: Twins) -> None:
    client = Client(mounted(*twins))
    client.get("/come/tomas")
    client.get("/school/come/amina")
    for _ in range(3):
        office, school = client.get("/").text, client.get("/school/").text
        assert "Dana Whitfield" in office
        assert 'href="/people/@dana"' in office
        assert "/staff/" not in office
        assert "Dana of the school" in school
        assert 'href="/school/staff/@dana"' in school
        assert "/people/" not in school.replace("intranet_people/", "")
    assert "The office" in client.get("/people/").text
    assert "The school" in client.get("/school/staff/").text
    assert client.get("/people/me").location == "/people/@tomas"
    assert client.get("/school/staff/me").location == "/school/staff/@amina"
    assert client.get("/staff/").status_code == client.get("/school/people/").status_code == 404


def test_who_is_signed_in_to_one_is_nobody_in_the_other(twins: Twins) -> None:
    client = Client(mounted(*twins))
    client.get("/come/tomas")
    assert client.get("/people/me").status_code == 302
    assert client.get("/school/staff/me").status_code == 401
    # Nor by the cookie of the other, which the same key has signed.
    cookie = client.get_cookie("office")
    assert cookie
    client.set_cookie("school", cookie.value)
    assert client.get("/school/staff/me").status_code == 401


def test_one_name_may_be_two_people(twins: Twins) -> None:
    """Nobody is remembered beyond a request, nor across the two."""
    for handle, new in (("tomas", "tomas-of-old"), ("amina", "tomas")):
        apart(change, twins[1], handle, {"handle": new})
    client = Client(mounted(*twins))
    client.get("/come/tomas")
    client.get("/school/come/tomas")
    for _ in range(2):
        for prefix, name in (("/people", "Tomás Ferreira"), ("/school/staff", "Amina")):
            page = client.get(f"{prefix}/@tomas").text
            assert f"<h1><bdi>{name}" in page
            assert "/@tomas/follow" not in page, "nobody follows themselves"


def test_signals_come_from_the_app_in_which_it_happened(twins: Twins) -> None:
    office, _ = twins
    heard: list[str] = []

    def in_office(sender: Flask, **facts: object) -> None:
        heard.append("office")

    followed.connect(in_office, sender=office)
    client = Client(mounted(*twins))
    client.get("/come/tomas")
    client.get("/school/come/tomas")
    for prefix in ("/school/staff", "/people"):
        token = token_of(client.get(f"{prefix}/@priya").text)
        answer = client.post(f"{prefix}/@priya/follow", data={"csrf_token": token})
        assert answer.status_code == 303
        assert heard == (["office"] if prefix == "/people" else [])


def test_one_within_the_other(twins: Twins) -> None:
    """An app that asks the other in the midst of its own request stays itself."""
    office, school = twins

    def within() -> tuple[str, str, str]:
        with office.test_request_context("/"):
            session["who at office"] = "tomas"
            first = people_widget("card", "dana")
            with school.test_request_context("/"):
                session["who at school"] = "tomas"
                other = people_widget("card", "dana")
            return str(first), str(other), str(people_widget("card", "dana"))

    first, other, again = apart(within)
    assert first == again
    assert "Dana Whitfield" in first
    assert "Dana of the school" in other


def test_both_at_once(twins: Twins) -> None:
    office, school = (app.test_client() for app in twins)
    for client in (office, school):
        client.get("/come/tomas")

    def look(client: Any) -> bool:
        return "Dana of the school" in client.get("/").text

    with ThreadPoolExecutor(4) as threads:
        seen = list(threads.map(look, [office, school] * 20))
    assert seen == [False, True] * 20


def test_a_factory_that_is_called_often(move_in: MakeHost) -> None:
    """The plugin is one object of its module, and remembers none of its apps."""
    yard = next(h for h in HOSTS if h.name == "factory")
    first = move_in(yard, PEOPLE_COMPANY="First")
    second = move_in(yard, PEOPLE_COMPANY="Second", PEOPLE_OPERATORS="tomas")
    third = move_in(yard, with_people=False)
    assert "intranet_people" not in third.extensions
    ours, theirs = plugin_of(first), plugin_of(second)
    assert [p.settings.company for p in (ours, theirs)] == ["First", "Second"]
    assert ours.bring_in is not theirs.bring_in
    assert ours.context.layout is not theirs.context.layout
    for app, status in ((first, 404), (second, 200)):
        client = app.test_client()
        apart(yard.enter, client, "tomas")
        assert apart(client.get, "/colleagues/status").status_code == status
    assert apart(third.test_client().get, "/colleagues/").status_code == 404
