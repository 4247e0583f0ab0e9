"""The customs: every form checked, every script by nonce, in English and German."""

from __future__ import annotations

from typing import Any

from flask import Flask, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import Babel
from flask_login import LoginManager, UserMixin, login_required, login_user, logout_user
from flask_sqlalchemy import SQLAlchemy
from flask_talisman import Talisman
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy.orm import Mapped, mapped_column

from intranet_people import IntranetPeople

from ... import SECRET_KEY

POLICY = {
    "default-src": "'none'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
}

db = SQLAlchemy()
login_manager = LoginManager()
login_manager.login_view = "login"
csrf = CSRFProtect()
babel = Babel()


class Officer(UserMixin, db.Model):  # type: ignore[misc,name-defined]
    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str]
    word: Mapped[str]


@login_manager.user_loader  # type: ignore[untyped-decorator]
def load(id: str) -> Officer | None:
    return db.session.get(Officer, int(id))


def locale() -> str:
    return str(session.get("language", "en"))


def create_app(with_people: bool = True, **config: Any) -> Flask:
    app = Flask(__name__)
    app.config.update(SECRET_KEY=SECRET_KEY, SQLALCHEMY_DATABASE_URI="sqlite:///customs.db")
    app.config.update(SCRIPTS="'strict-dynamic'")
    app.config.update(WTF_CSRF_FIELD_NAME="stamp", WTF_CSRF_TIME_LIMIT=600)
    app.config.update(config)
    db.init_app(app)
    login_manager.init_app(app)
    csrf.init_app(app)
    babel.init_app(app, locale_selector=locale)
    Talisman(
        app,
        force_https=False,
        session_cookie_secure=False,
        content_security_policy=POLICY | {"script-src": app.config["SCRIPTS"]},
        content_security_policy_nonce_in=["script-src"],
    )
    if with_people:
        app.config.update(PEOPLE_BASE_TEMPLATE="layout.html")
        IntranetPeople(app)
    app.add_url_rule("/", view_func=home)
    app.add_url_rule("/news", view_func=news)
    app.add_url_rule("/language/<code>", view_func=language)
    app.add_url_rule("/login", view_func=login, methods=["GET", "POST"])
    app.add_url_rule("/logout", view_func=logout, methods=["POST"])
    app.register_error_handler(CSRFError, unstamped)
    return app


def add_user(app: Flask, name: str, password: str) -> None:
    with app.app_context():
        db.session.add(Officer(username=name, word=password))
        db.session.commit()


@login_required  # type: ignore[untyped-decorator]
def home() -> ResponseReturnValue:
    return render_template("home.html")


def news() -> ResponseReturnValue:
    return render_template("news.html", crates=1234.5)


def language(code: str) -> ResponseReturnValue:
    session["language"] = code
    return redirect(url_for("news"))


def login() -> ResponseReturnValue:
    if request.method == "POST":
        name = request.form["username"]
        officer = db.session.scalar(db.select(Officer).filter_by(username=name))
        if officer and officer.word == request.form["password"]:
            login_user(officer)
            return redirect(url_for("home"))
    return render_template("login.html")


def logout() -> ResponseReturnValue:
    logout_user()
    return redirect(url_for("login"))


def unstamped(e: CSRFError) -> ResponseReturnValue:
    return render_template("unstamped.html"), 400
