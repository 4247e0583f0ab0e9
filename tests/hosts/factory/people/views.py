"""The crew: a blueprint called people, at /people, that was here first."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_login import login_required

bp = Blueprint("people", __name__)


@bp.get("/")
@login_required  # type: ignore[untyped-decorator]
def home() -> ResponseReturnValue:
    return render_template("crew.html")


@bp.get("/search")
def search() -> ResponseReturnValue:
    return render_template("search.html")
