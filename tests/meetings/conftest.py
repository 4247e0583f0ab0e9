"""Calendars as files, and on a server that publishes them; and Mallory, who writes her address."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from intranet_people.calendars.ics_source import IcsSource
from intranet_people.meetings.meeting import Meeting
from intranet_people.people.person import Person

from ..calendars.conftest import calendar, event

DANA = "dana.whitfield@northwind.example"
MALLORY = "mallory@northwind.example"
Publish = Callable[[str, str], None]


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Of the calendars, each named by an address or a login name."""
    (tmp_path / "calendars").mkdir()
    return tmp_path / "calendars"


@pytest.fixture
def http(folder: Path) -> Iterator[str]:
    """The address of a server that publishes the folder."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(params=["file", "http"])
def by_mail(request: pytest.FixtureRequest, folder: Path) -> Iterator[IcsSource]:
    """The folder by people's addresses, read from the disk or from the server."""
    base = f"file://{folder}" if request.param == "file" else request.getfixturevalue("http")
    with IcsSource(f"ics+{base}/{{mail}}.ics") as source:
        yield source


@pytest.fixture
def by_file(folder: Path) -> Iterator[IcsSource]:
    """By people's addresses, from the disk alone."""
    with IcsSource(f"ics+file://{folder}/{{mail}}.ics") as source:
        yield source


@pytest.fixture
def by_handle(folder: Path) -> Iterator[IcsSource]:
    """By people's login names, from the disk."""
    with IcsSource(f"ics+file://{folder}/{{handle}}.ics") as source:
        yield source


@pytest.fixture
def publish(folder: Path, now: datetime) -> Publish:
    """Puts a calendar with one meeting, an hour from now, under that name."""

    def put(name: str, title: str) -> None:
        start = f"DTSTART:{now + timedelta(hours=1):%Y%m%dT%H%M%SZ}"
        meeting = event(start, "DURATION:PT1H", uid=title.split()[0], title=title)
        (folder / f"{name}.ics").write_bytes(calendar(meeting))

    return put


@pytest.fixture
def mallory(session: Session, now: datetime) -> Person:
    """Who may write her own address in the directory."""
    facts = {"name": "Mallory Reed", "sort_key": "mallory reed", "mail": MALLORY, "dn_key": 1}
    mallory = Person(
        directory_id="mallory", handle="mallory", fingerprint="", joined_at=now,
        **facts,
    )  # fmt: skip
    session.add(mallory)
    session.commit()
    return mallory


def moves_to(session: Session, person: Person, mail: str) -> None:
    """As a sync writes a changed address."""
    person.mail = mail
    session.commit()


def titles(session: Session, person: Person) -> list[str]:
    return list(session.scalars(select(Meeting.title).where(Meeting.owner_id == person.id)))
