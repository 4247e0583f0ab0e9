"""The small intranet with the sample company moved in: `flask --app examples.host.demo run`."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from intranet_people.db.upgrade import upgrade
from intranet_people.demo import run
from intranet_people.demo.company import SIGN_INS

from .app import User, db
from .app import create_app as host


def create_app(folder: str | Path = "instance/host") -> Flask:
    """The host with everything it keeps in `folder`; log in as in `make demo`."""
    folder = Path(folder).resolve()
    run.put_aside(folder / "host.db")
    app = host(**run.config(folder) | {"SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder}/host.db"})
    run.prepare_calendars(folder)
    with app.app_context():
        db.create_all()
        upgrade(db.session())
        for sign_in in SIGN_INS:
            if not db.session.scalar(db.select(User).filter_by(username=sign_in.handle)):
                db.session.add(User.create(sign_in.handle, sign_in.password))
        db.session.commit()
        app.test_cli_runner().invoke(args=["people", "sync"], catch_exceptions=False)
    return app
