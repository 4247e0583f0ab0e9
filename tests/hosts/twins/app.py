"""Two sites of one process: the office at /office and the school at /school."""

from __future__ import annotations

from typing import Any

from flask import Flask, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from intranet_people import IntranetPeople

from ... import SECRET_KEY

people = IntranetPeople()


def create_app(site: str, prefix: str, **config: Any) -> Flask:
    """Each has its own name for who is there."""
    app = Flask(__name__)
    app.config.update(SECRET_KEY=SECRET_KEY, SESSION_COOKIE_NAME=site, **config)
    people.init_app(app, url_prefix=prefix, viewer=lambda: session.get(f"who at {site}"))

    @app.get("/")
    def home() -> ResponseReturnValue:
        return render_template("site.html", site=site)

    @app.get("/come/<name>")
    def come(name: str) -> ResponseReturnValue:
        session[f"who at {site}"] = name
        return redirect(request.args.get("next", url_for("home")))

    return app


def mounted(office: Flask, school: Flask) -> DispatcherMiddleware:
    return DispatcherMiddleware(office, {"/school": school})
