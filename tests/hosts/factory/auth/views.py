"""Who comes and goes."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_user, logout_user

from ..extensions import Account, db, login_manager

bp = Blueprint("auth", __name__, url_prefix="/auth")


@login_manager.unauthorized_handler  # type: ignore[untyped-decorator]
def stranger() -> ResponseReturnValue:
    return redirect(url_for("auth.enter", back=request.path))


@bp.route("/enter", methods=["GET", "POST"])
def enter() -> ResponseReturnValue:
    form = request.form
    if request.method == "POST":
        account = db.session.scalar(db.select(Account).filter_by(username=form["username"]))
        if account and account.word == form["password"]:
            login_user(account)
            return redirect(url_for("people.home"))
    return render_template("enter.html")


@bp.post("/leave")
def leave() -> ResponseReturnValue:
    logout_user()
    return redirect(url_for("auth.enter"))
