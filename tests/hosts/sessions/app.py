"""The noticeboard: no database and no Flask-Login; who it is stands in the session."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Flask, abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from intranet_people import IntranetPeople

from ... import SECRET_KEY

PASSWORDS: dict[str, str] = {}


def create_app(with_people: bool = True, **config: Any) -> Flask:
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=SECRET_KEY,
        SESSION_COOKIE_NAME="board",
        SESSION_COOKIE_SAMESITE="Strict",
        PERMANENT_SESSION_LIFETIME=timedelta(hours=1),
    )
    app.config.update(config)
    if with_people:
        IntranetPeople(app, viewer=lambda: session.get("name"))

    @app.get("/")
    def home() -> ResponseReturnValue:
        return render_template("base.html", name=session.get("name"))

    @app.get("/news")
    def news() -> ResponseReturnValue:
        return "<!doctype html><title>News</title><p>The lift works again."

    @app.get("/teapot")
    def teapot() -> ResponseReturnValue:
        return abort(401)

    @app.post("/login")
    def login() -> ResponseReturnValue:
        name = request.form["name"]
        if not name or PASSWORDS.get(name) != request.form["password"]:
            return redirect(url_for("home"))
        session["name"] = name
        return redirect(url_for("home"))

    @app.post("/logout")
    def logout() -> ResponseReturnValue:
        session.pop("name", None)
        return redirect(url_for("home"))

    return app


def add_user(app: Flask, name: str, password: str) -> None:
    PASSWORDS[name] = password
