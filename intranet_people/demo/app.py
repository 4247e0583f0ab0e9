"""The app of the sample company, with the command that serves it."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from ..cli import PeopleGroup
from ..standalone import create_app as create_standalone
from .commands import demo
from .run import config


def create_app(folder: str | Path = "instance/demo") -> Flask:
    """Northwind Instruments, stand-alone, with all it keeps in `folder`."""
    app = create_standalone({}, **config(Path(folder).resolve()))
    people = app.cli.commands["people"]
    if isinstance(people, PeopleGroup):
        people.add_command(demo(create_app))
    return app
