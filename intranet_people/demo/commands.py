"""`flask --app intranet_people.demo people demo`: from nothing to a served company."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click
from flask import Flask

from ..operations.commands import sync
from ..state import get_state
from .run import check_port, make_tables, prepare_calendars, serve


def demo(create_app: Callable[[Path], Flask]) -> click.Command:
    """The command, which serves what `create_app` makes in a folder."""

    @click.command("demo")
    @click.option("--port", default=5000, show_default=True, help="The port on 127.0.0.1.")
    @click.option(
        "--folder", default="instance/demo", show_default=True, help="What it keeps is here."
    )
    def command(port: int, folder: str) -> None:
        """The sample company, served with all that belongs to it; no settings are needed."""
        check_port(port)
        place = Path(folder).resolve()
        app = create_app(place)
        prepare_calendars(place)
        with app.app_context():
            make_tables(get_state().session)
            sync.main([], standalone_mode=False)
        serve(app, port)

    return command
