"""The harbour office: accounts in a database of its own, which grows by migrations."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, login_required, login_user, logout_user
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import Mapped, mapped_column

from intranet_people import IntranetPeople, include_name

from ... import SECRET_KEY

db = SQLAlchemy()
login_manager = LoginManager()
login_manager.login_view = "login"
migrate = Migrate()


class User(UserMixin, db.Model):  # type: ignore[misc,name-defined]
    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)
    password: Mapped[str]


class Ship(db.Model):  # type: ignore[misc,name-defined]
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


@login_manager.user_loader  # type: ignore[untyped-decorator]
def load_user(id: str) -> User | None:
    return db.session.get(User, int(id))


def create_app(with_people: bool = True, **config: Any) -> Flask:
    app = Flask(__name__)
    app.config.update(SECRET_KEY=SECRET_KEY, SQLALCHEMY_DATABASE_URI="sqlite:///harbour.db")
    app.config.update(config)
    db.init_app(app)
    login_manager.init_app(app)
    migrate.init_app(app, db, include_name=include_name)
    if with_people:
        app.config.update(PEOPLE_BASE_TEMPLATE="base.html")
        IntranetPeople(app)
    app.add_url_rule("/", view_func=home)
    app.add_url_rule("/news", view_func=news)
    app.add_url_rule("/broken", view_func=broken)
    app.add_url_rule("/login", view_func=login, methods=["GET", "POST"])
    app.add_url_rule("/logout", view_func=logout, methods=["POST"])
    app.register_error_handler(404, not_found)
    app.register_error_handler(500, failed)
    app.after_request(signed)
    return app


def add_user(app: Flask, name: str, password: str) -> None:
    with app.app_context():
        db.session.add(User(username=name, password=password))
        db.session.commit()


@login_required  # type: ignore[untyped-decorator]
def home() -> ResponseReturnValue:
    ships = db.session.scalars(db.select(Ship)).all()
    return render_template("home.html", ships=ships)


def news() -> ResponseReturnValue:
    return render_template("news.html")


def broken() -> ResponseReturnValue:
    raise RuntimeError("the crane is stuck")


def login() -> ResponseReturnValue:
    if request.method == "POST":
        query = db.select(User).filter_by(username=request.form["username"])
        user = db.session.scalar(query)
        if user and user.password == request.form["password"]:
            login_user(user)
            return redirect(url_for("home"))
    return render_template("login.html"), 401 if request.method == "POST" else 200


def logout() -> ResponseReturnValue:
    logout_user()
    return redirect(url_for("login"))


def not_found(e: Exception) -> ResponseReturnValue:
    """With a widget: who looks for something may look for somebody."""
    return render_template("404.html"), 404


def failed(e: Exception) -> ResponseReturnValue:
    return render_template("error.html"), 500


def signed(response: Response) -> Response:
    response.headers["X-Harbour"] = "pier 4"
    return response
