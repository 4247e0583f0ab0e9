"""Northwind with its meetings, in any language: apps over copies of one synced database."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from intranet_people.demo import run
from intranet_people.standalone import create_app

from ..conftest import close

Speak = Callable[..., Flask]


@pytest.fixture
def speak(northwind_folder: Path, tmp_path: Path) -> Iterator[Speak]:
    """Makes apps over the test's own copy, by what is set beside what the demo sets."""
    database = tmp_path / "northwind.db"
    shutil.copy(northwind_folder / run.DATABASE, database)
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
