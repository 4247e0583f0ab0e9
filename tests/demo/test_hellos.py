"""What the sample company has said to each other: each state is there for somebody to see."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click import ClickException
from flask import Flask
from sqlalchemy import func, select

from intranet_people.db.session import db_session
from intranet_people.demo import create_app, run
from intranet_people.demo.hellos import LEADER, TO_LEADER, say_hellos
from intranet_people.hellos.hello import Hello
from intranet_people.people.person import by_handle

from ..client import Browser
from ..conftest import close


@pytest.fixture
def opened(northwind_folder: Path, tmp_path: Path) -> Iterator[Flask]:
    """The demo as it is opened, over a copy of its database."""
    (tmp_path / run.DATABASE).write_bytes((northwind_folder / run.DATABASE).read_bytes())
    app = create_app(tmp_path)
    with app.app_context():
        say_hellos(db_session(), datetime.now(UTC))
    yield app
    close(app)


def count(app: Flask) -> int:
    with app.app_context():
        return db_session().scalar(select(func.count()).select_from(Hello)) or 0


def test_every_state_is_there(opened: Flask) -> None:
    nour = Browser(opened, "nour").get("/people/").text
    assert "Welcome, Nour. Glad that you are here." in nour
    assert "Hi back</button>" in nour
    tomas = Browser(opened, "tomas").get("/people/").text
    assert "See you in Room Aalto" in tomas, "an answer"
    dana = Browser(opened, "dana").get("/people/").text
    assert "Did you meet" in dana
    assert "ip-faces-96" in dana, "a meeting runs"
    amina = Browser(opened, LEADER).get("/people/hellos").text
    assert f"Answer all {len(TO_LEADER)}</button>" in amina
    week = Browser(opened, "tomas").get("/people/meetings").text
    assert "people you know" in week


def test_said_once_however_often_it_is_opened(opened: Flask) -> None:
    before = count(opened)
    assert before == len(TO_LEADER) + 3
    for later in (timedelta(), timedelta(hours=1), timedelta(days=1)):
        with opened.app_context():
            say_hellos(db_session(), datetime.now(UTC) + later)
    assert count(opened) == before


def test_what_somebody_did_stays(opened: Flask) -> None:
    with opened.app_context():
        nour = by_handle(db_session(), "nour")
        assert nour
        hello = db_session().scalars(select(Hello).filter_by(receiver_id=nour.id)).one()
        path = f"/people/hellos/{hello.id}/reply"
    Browser(opened, "nour").post(path, line="So glad")
    with opened.app_context():
        say_hellos(db_session(), datetime.now(UTC))
    assert "So glad" in Browser(opened, "dana").get("/people/hellos").text


@pytest.mark.parametrize("port", [5060, 5061, 6000, 10080])
def test_a_port_that_browsers_refuse(port: int) -> None:
    with pytest.raises(ClickException, match=f"refuse to open port {port}"):
        run.check_port(port)
