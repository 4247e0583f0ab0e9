"""Each host with the sample company moved in, and the very same host without."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest
from flask import Flask, session
from flask_sqlalchemy import SQLAlchemy

from intranet_people import IntranetPeople

from .. import SECRET_KEY
from ..browser.conftest import open_page as open_page
from ..conftest import COMPANY, plugin_of
from .known import HOSTS, WORD, Host

T = TypeVar("T")
MakeHost = Callable[..., Flask]
PEOPLE = ("tomas", "dana")


@pytest.fixture(params=HOSTS, ids=lambda h: h.name)
def host(request: pytest.FixtureRequest) -> Host:
    """Every test with this runs in every host."""
    found = request.param
    assert isinstance(found, Host)
    return found


@pytest.fixture
def move_in(meetings_file: Path, tmp_path: Path) -> Iterator[MakeHost]:
    """Makes hosts, with people of their own, and with us or without; closed after the test."""
    apps: list[Flask] = []

    def make(host: Host, with_people: bool = True, **config: Any) -> Flask:
        file = tmp_path / f"host{len(apps)}.db"
        shutil.copy(meetings_file, file)
        url = f"sqlite:///{file}"
        ours = COMPANY if with_people else {}
        app = host.module.create_app(with_people, **host.over(url), **ours, **config)
        apps.append(app)
        if not with_people:
            # All that is left of us in its templates says nothing.
            says_nothing: Any = lambda *args, **kwargs: ""  # noqa: E731
            app.jinja_env.globals.update(people_head=says_nothing, people_widget=says_nothing)
        apart(_settle, host, app)
        return app

    yield make
    for app in apps:
        apart(_close, app)


@pytest.fixture
def moved_in(host: Host, move_in: MakeHost) -> Flask:
    return move_in(host)


@pytest.fixture
def make(meetings_file: Path, tmp_path: Path) -> Iterator[MakeHost]:
    """Makes hosts of a few lines, in which the session says who is signed in; closed afterwards."""
    apps: list[Flask] = []

    def made(url_prefix: str = "/people", viewer: Any = None, **config: Any) -> Flask:
        file = tmp_path / "few-lines.db"
        shutil.copy(meetings_file, file)
        app = Flask("tests.hosts")
        app.config.update(SECRET_KEY=SECRET_KEY, **COMPANY)
        app.config.update(SQLALCHEMY_DATABASE_URI=f"sqlite:///{file}", **config)
        viewer = viewer or (lambda: session.get("name"))
        IntranetPeople(app, url_prefix=url_prefix, viewer=viewer)
        apps.append(app)
        show(app, "/", lambda: "home of the host")
        show(app, "/come/<name>", come)
        return app

    yield made
    for app in apps:
        apart(_close, app)


def come(name: str) -> str:
    session["name"] = name
    return "welcome"


def show(app: Flask, path: str, view: Callable[..., Any], *methods: str) -> None:
    """A page of a host of a few lines."""
    app.add_url_rule(path, path, view, methods=methods or ("GET",))


def apart(do: Callable[..., T], *args: Any) -> T:
    """In a thread: Flask-SQLAlchemy-Lite ends sessions with asyncio, whose loop in this thread is
    the browser's."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(do, *args).result()


def _settle(host: Host, app: Flask) -> None:
    """The host's own tables, where its extension makes them, and its people."""
    db = app.extensions.get("sqlalchemy")
    if isinstance(db, SQLAlchemy):
        with app.app_context():
            db.create_all()
    for name in PEOPLE:
        host.module.add_user(app, name, WORD)


def _close(app: Flask) -> None:
    if "intranet_people" in app.extensions:
        for calendar in plugin_of(app).calendars:
            getattr(calendar, "close", lambda: None)()
    if "sqlalchemy" not in app.extensions:
        return
    with app.app_context():
        for engine in app.extensions["sqlalchemy"].engines.values():
            engine.dispose()
