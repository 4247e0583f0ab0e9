"""The canteen, which is one of several sites of one server: it lives below /canteen."""

from __future__ import annotations

import json
import os
from typing import Any

from flask import Flask, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, login_required, login_user, logout_user
from werkzeug.middleware.proxy_fix import ProxyFix

from intranet_people import IntranetPeople

from ... import SECRET_KEY

WORDS: dict[str, str] = {}


class Guest(UserMixin):  # type: ignore[misc]
    def __init__(self, name: str) -> None:
        self.id = self.username = name


def create_app(with_people: bool = True, **config: Any) -> Flask:
    app = Flask(__name__)
    app.config.update(SECRET_KEY=SECRET_KEY, APPLICATION_ROOT="/canteen")
    app.config.update(config)
    login_manager = LoginManager(app)
    login_manager.login_view = "login"
    login_manager.user_loader(lambda id: Guest(id) if id in WORDS else None)
    if with_people:
        app.config.update(PEOPLE_BASE_TEMPLATE="canteen.html")
        IntranetPeople(app)
    app.add_url_rule("/", view_func=home)
    app.add_url_rule("/news", view_func=news)
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


def login() -> ResponseReturnValue:
    if request.method == "POST":
        name = request.form["username"]
        if name and WORDS.get(name) == request.form["password"]:
            login_user(Guest(name))
            return redirect(url_for("home"))
    return render_template("login.html")


def logout() -> ResponseReturnValue:
    logout_user()
    return redirect(url_for("login"))


def from_environment() -> Any:
    """For gunicorn, behind one trusted proxy that names the prefix."""
    app = create_app(**json.loads(os.environ["CANTEEN"]))
    WORDS.update(tomas="tide-clock", dana="tide-clock")
    app.wsgi_app = ProxyFix(app.wsgi_app, x_prefix=1)  # type: ignore[method-assign]
    return app
