"""The works council: a layout of a CSS framework, htmx 2 of its own, and boosted links."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask, redirect, render_template, request, send_from_directory, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, login_required, login_user, logout_user
from flask_wtf.csrf import CSRFProtect

from intranet_people import IntranetPeople

from ... import SECRET_KEY

HTMX = Path(__file__).parents[2] / "vendor/htmx-2.0.11"
WORDS: dict[str, str] = {}

csrf = CSRFProtect()


class Member(UserMixin):  # type: ignore[misc]
    def __init__(self, name: str) -> None:
        self.id = self.username = name


def create_app(with_people: bool = True, **config: Any) -> Flask:
    app = Flask(__name__)
    app.config.update(SECRET_KEY=SECRET_KEY)
    app.config.update(config)
    login_manager = LoginManager(app)
    login_manager.login_view = "login"
    login_manager.user_loader(lambda id: Member(id) if id in WORDS else None)
    csrf.init_app(app)
    if with_people:
        app.config.update(PEOPLE_BASE_TEMPLATE="base.html")
        IntranetPeople(app)
    app.add_url_rule("/", view_func=home)
    app.add_url_rule("/news", view_func=news)
    app.add_url_rule("/vote", view_func=vote, methods=["POST"])
    app.add_url_rule("/htmx.js", view_func=htmx)
    app.add_url_rule("/login", view_func=login, methods=["GET", "POST"])
    app.add_url_rule("/logout", view_func=logout, methods=["POST"])
    return app


def add_user(app: Flask, name: str, password: str) -> None:
    WORDS[name] = password


@login_required  # type: ignore[untyped-decorator]
def home() -> ResponseReturnValue:
    return render_template("home.html")


def news() -> ResponseReturnValue:
    return render_template("news.html")


def vote() -> ResponseReturnValue:
    return '<div id="main"><button class="btn" id="vote">Voted</button></div>'


def htmx() -> ResponseReturnValue:
    return send_from_directory(HTMX, "htmx.min.js")


def login() -> ResponseReturnValue:
    if request.method == "POST":
        name = request.form["username"]
        if name and WORDS.get(name) == request.form["password"]:
            login_user(Member(name))
            return redirect(url_for("home"))
    return render_template("login.html")


def logout() -> ResponseReturnValue:
    logout_user()
    return redirect(url_for("login"))
