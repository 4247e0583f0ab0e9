"""The lighthouse: Flask-SQLAlchemy-Lite, plain sessions, and no Flask-Login."""

from __future__ import annotations

from typing import Any

from flask import Flask, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_sqlalchemy_lite import SQLAlchemy
from sqlalchemy import select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from intranet_people import IntranetPeople

from ... import SECRET_KEY


class Model(DeclarativeBase):
    pass


class Keeper(Model):
    __tablename__ = "keeper"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(unique=True)


db = SQLAlchemy()


def create_app(with_people: bool = True, **config: Any) -> Flask:
    app = Flask(__name__)
    app.secret_key = SECRET_KEY
    app.config.update(SQLALCHEMY_ENGINES={"default": "sqlite:///lighthouse.db"})
    app.config.update(config)
    db.init_app(app)
    if with_people:
        app.config.update(PEOPLE_BASE_TEMPLATE="page.html", PEOPLE_CONTENT_BLOCK="main")
        IntranetPeople(app, viewer=lambda: g.keeper.login if g.get("keeper") else None)
    app.before_request(who_is_it)
    app.add_url_rule("/", view_func=home)
    app.add_url_rule("/news", view_func=news)
    app.add_url_rule("/login", view_func=login, methods=["GET", "POST"])
    app.add_url_rule("/logout", view_func=logout, methods=["POST"])
    return app


def add_user(app: Flask, name: str, password: str) -> None:
    with app.app_context():
        Model.metadata.create_all(db.engine)
        db.session.add(Keeper(login=name))
        db.session.commit()


def who_is_it() -> None:
    g.keeper = db.session.get(Keeper, session["keeper"]) if "keeper" in session else None


def home() -> ResponseReturnValue:
    if not g.keeper:
        return redirect(url_for("login"))
    return render_template("home.html", keeper=g.keeper)


def news() -> ResponseReturnValue:
    return render_template("news.html")


def login() -> ResponseReturnValue:
    if request.method == "POST":
        keeper = db.session.scalar(select(Keeper).filter_by(login=request.form["login"]))
        if keeper:
            session["keeper"] = keeper.id
            session.permanent = True
            flash("The lamp is lit.")
            return redirect(url_for("home"))
    return render_template("login.html")


def logout() -> ResponseReturnValue:
    session.clear()
    return redirect(url_for("login"))
