"""Northwind with its meetings, in any language: apps over copies of one synced database."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from intranet_people.db.upgrade import upgrade
from intranet_people.demo import run
from intranet_people.standalone import create_app

from ..conftest import close, plugin_of

Speak = Callable[..., Flask]


@pytest.fixture(scope="session")
def northwind_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database and the calendars of the sample company, as `make demo` makes them."""
    folder = tmp_path_factory.mktemp("words")
    run.prepare_calendars(folder)
    app = create_app({}, **run.config(folder))
    with app.app_context():
        upgrade(plugin_of(app).session)
    app.test_cli_runner().invoke(args=["people", "sync"], catch_exceptions=False)
    close(app)
    return folder


@pytest.fixture
def speak(northwind_folder: Path, tmp_path: Path) -> Iterator[Speak]:
    """Makes apps over the test's own copy, by what is set beside what the demo sets."""
    database = tmp_path / "northwind.db"
    shutil.copy(northwind_folder / "people.db", database)
    apps: list[Flask] = []

    def make(**config: object) -> Flask:
        own = {"SQLALCHEMY_DATABASE_URI": f"sqlite:///{database}", "TESTING": True}
        app = create_app({}, **run.config(northwind_folder) | own | config)
        apps.append(app)
        return app

    yield make
    for app in apps:
        close(app)


@pytest.fixture
def store(speak: Speak) -> Iterator[Session]:
    """A session on that copy, apart from those of the requests."""
    app = speak()
    with app.app_context():
        engine = app.extensions["sqlalchemy"].engine
    with Session(engine) as session:
        yield session
