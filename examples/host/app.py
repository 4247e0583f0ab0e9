"""A small intranet that was there before: its own users, sign-in, layout and database.

The lines marked (1) to (5) move Intranet People in. What goes further, and no host has to do, is in
`listens.py` (signals) and in `templates/intranet_people` (slots, and a template of its own).
"""

from __future__ import annotations

import os
from typing import Any

from flask import Flask, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, login_required, login_user, logout_user
from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import CSRFProtect
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.security import check_password_hash, generate_password_hash

from intranet_people import IntranetPeople  # (1)

from .listens import listen

db = SQLAlchemy()
login_manager = LoginManager()
login_manager.login_view = "login"
csrf = CSRFProtect()
people = IntranetPeople()  # (2)


class User(UserMixin, db.Model):  # type: ignore[misc,name-defined]
    """The intranet's own account; `username` is the same name as in the directory."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]

    @classmethod
    def create(cls, username: str, password: str) -> User:
        return cls(username=username, password_hash=generate_password_hash(password))


@login_manager.user_loader  # type: ignore[untyped-decorator]
def load_user(user_id: str) -> User | None:
    return db.session.get(User, int(user_id))


def create_app(**config: Any) -> Flask:
    app = Flask(__name__)
    app.config.update(SECRET_KEY=os.environ.get("SECRET_KEY"))
    app.config.update(SQLALCHEMY_DATABASE_URI="sqlite:///host.db")
    app.config.update(PEOPLE_BASE_TEMPLATE="base.html")  # (3)
    app.config.update(config)
    db.init_app(app)
    login_manager.init_app(app)
    csrf.init_app(app)
    people.init_app(app, url_prefix="/people")  # (4)
    listen(app)
    app.add_url_rule("/", view_func=home)
    app.add_url_rule("/login", view_func=login, methods=["GET", "POST"])
    app.add_url_rule("/logout", view_func=logout, methods=["POST"])
    return app


@login_required  # type: ignore[untyped-decorator]
def home() -> ResponseReturnValue:
    """Shows {{ people_widget("meetings") }}: (5), in home.html."""
    return render_template("home.html")


def login() -> ResponseReturnValue:
    if request.method == "POST":
        user = db.session.scalar(db.select(User).filter_by(username=request.form["username"]))
        if user and check_password_hash(user.password_hash, request.form["password"]):
            login_user(user)
            return redirect(url_for("home"))
    return render_template("login.html")


def logout() -> ResponseReturnValue:
    logout_user()
    return redirect(url_for("login"))
