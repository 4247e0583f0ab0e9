"""`flask --app intranet_people.demo people demo`: from nothing to a served company."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click
from flask import Flask

from ..db.upgrade import upgrade
from ..operations.commands import sync
from ..state import get_state
from .hellos import say_hellos
from .run import DATABASE, check_port, prepare_calendars, put_aside, serve


def demo(create_app: Callable[[Path], Flask]) -> click.Command:
    """The command, which serves what `create_app` makes in a folder."""

    @click.command("demo")
    @click.option("--port", default=5000, show_default=True, help="The port on 127.0.0.1.")
    @click.option(
        "--folder", default="instance/demo", show_default=True, help="The folder for its data."
    )
    def command(port: int, folder: str) -> None:
        """Serve the sample company, with people, photos and meetings; needs no settings."""
        check_port(port)
        place = Path(folder).resolve()
        put_aside(place / DATABASE)
        app = create_app(place)
        prepare_calendars(place)
        with app.app_context():
            upgrade(get_state().session)
            sync.main([], standalone_mode=False)
            say_hellos(get_state().session, datetime.now(UTC))
        serve(app, port)

    return command
