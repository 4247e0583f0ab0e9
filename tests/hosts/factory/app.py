"""The shipyard: an app factory, blueprints, and Jinja at its strictest."""

from __future__ import annotations

from typing import Any

from flask import Flask, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from jinja2 import StrictUndefined

from ... import SECRET_KEY
from .auth.views import bp as auth
from .extensions import Account, db, login_manager, people
from .people.views import bp as crew


def create_app(with_people: bool = True, **config: Any) -> Flask:
    app = Flask(__name__)
    app.jinja_options = {
        "undefined": StrictUndefined,
        "trim_blocks": True,
        "lstrip_blocks": True,
        "keep_trailing_newline": True,
    }
    app.config.from_mapping(SECRET_KEY=SECRET_KEY, SQLALCHEMY_DATABASE_URI="sqlite:///yard.db")
    app.config.update(config)
    db.init_app(app)
    login_manager.init_app(app)
    app.register_blueprint(auth)
    app.register_blueprint(crew, url_prefix="/people")
    if with_people:
        app.config.update(PEOPLE_BASE_TEMPLATE="base.html", PEOPLE_CONTENT_BLOCK="body")
        people.init_app(app, url_prefix="/colleagues")
    app.add_url_rule("/", view_func=gate)
    app.register_error_handler(404, not_found)
    return app


def add_user(app: Flask, name: str, password: str) -> None:
    with app.app_context():
        db.session.add(Account(username=name, word=password))
        db.session.commit()


def gate() -> ResponseReturnValue:
    return redirect(url_for("people.home"))


def not_found(e: Exception) -> ResponseReturnValue:
    return render_template("missing.html"), 404
