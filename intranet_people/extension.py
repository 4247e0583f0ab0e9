"""The extension: wires the rooms into a Flask app."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import make_url

from .calendars.source import CalendarSource
from .cli import people_group
from .context import add_to_templates
from .db.private_files import file_of, keep_database_private, make_folder
from .db.sqlite import use_sqlite_well
from .follows import views as follows
from .hellos import moves  # noqa: F401 (listens to meetings)
from .hellos import views as hellos
from .home import views as home
from .operations import views as operations
from .photos import views as photos
from .profiles import views as profiles
from .search import views as search
from .settings.read import read_settings
from .settings.secret_key import check_secret_key
from .signin import views as signin
from .signin.methods import flask_login_viewer, methods_of
from .signin.newcomers import Newcomers
from .signin.session import use_login_manager
from .state import CHECKS, NAME, State, Viewer
from .web import converters, errors, static_files
from .web.guard import before_page, not_found
from .web.layout import check_layout
from .web.security import check_csrf, set_headers
from .widgets import views as widgets

ROOMS = (home, search, profiles, follows, photos, hellos, signin, operations, widgets)


class IntranetPeople:
    """Intranet People in a Flask app: `IntranetPeople(app)`, or `init_app(app)` later.

    Its pages are below `url_prefix`, by default /people. `viewer` returns the directory login
    name of the signed-in user, or None; the default asks Flask-Login. `calendars` are sources
    beside those of PEOPLE_CALENDARS. Raises SettingsError where a setting is missing or wrong.
    """

    def __init__(self, app: Flask | None = None, **options: Any) -> None:
        self.options = options
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask, **options: Any) -> None:
        """Register with an app. `options` are those of the constructor, and win over those."""
        self._register(app, **self.options | options)

    def _register(
        self,
        app: Flask,
        *,
        url_prefix: str = "/people",
        viewer: Viewer = flask_login_viewer,
        calendars: Sequence[CalendarSource] = (),
    ) -> None:
        settings = read_settings(app.config, *CHECKS)
        check_secret_key(app.config)
        check_layout(app, settings)
        path = url_prefix.rstrip("/")
        # At the root, /static is the host's, and so is every address that there is not.
        static_path = f"{path}/static" if path else f"/{NAME}"
        app.extensions[NAME] = State(
            app,
            settings,
            methods=methods_of(settings, viewer),
            host_viewer=viewer,
            bring_in=Newcomers(),
            context=add_to_templates(app, settings),
            static_path=static_path,
            calendars=calendars,
        )
        if "sqlalchemy" not in app.extensions:
            _own_database(app)
        if settings.own_sign_ins:
            use_login_manager(app, settings.own_sign_ins)
        converters.register(app)
        app.register_blueprint(_blueprint(path, static_path), url_prefix=url_prefix)
        app.cli.add_command(people_group())


def _blueprint(path: str, static_path: str) -> Blueprint:
    bp = Blueprint(NAME, __name__, template_folder="templates")
    bp.before_request(before_page)
    bp.before_request(check_csrf)
    bp.after_request(set_headers)
    errors.register(bp)
    static_files.add_routes(bp, static_path.removeprefix(path))
    for room in ROOMS:
        room.add_routes(bp)
    if path:
        bp.add_url_rule("/<people_anywhere:nowhere>", view_func=not_found)
    return bp


def _own_database(app: Flask) -> None:
    app.config.setdefault("SQLALCHEMY_DATABASE_URI", "sqlite:///people.db")
    # A connection that the server closed meanwhile is noticed before it is used.
    app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", {"pool_pre_ping": True})
    file = file_of(make_url(app.config["SQLALCHEMY_DATABASE_URI"]))
    if file and not file.is_absolute():
        make_folder(Path(app.instance_path))  # else Flask-SQLAlchemy would, for everybody to see
    db = SQLAlchemy(app)
    with app.app_context():
        keep_database_private(db.engine)
        use_sqlite_well(db.engine)
