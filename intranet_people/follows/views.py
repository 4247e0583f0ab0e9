"""The follow button, and whom I follow."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from ..web.web import found, render, render_action, session, sign_in_required, viewer
from .follow import follow, following, unfollow

bp = Blueprint("follows", __name__)


@bp.post("/@<handle>/follow", endpoint="follow")
@sign_in_required
def start(handle: str) -> ResponseReturnValue:
    person = found(handle)
    follow(session(), viewer(), person)
    return render_action("follows/_follow.html", person=person, is_followed=person.is_active)


@bp.post("/@<handle>/unfollow", endpoint="unfollow")
@sign_in_required
def stop(handle: str) -> ResponseReturnValue:
    person = found(handle)
    unfollow(session(), viewer(), person)
    return render_action("follows/_follow.html", person=person, is_followed=False)


@bp.get("/following")
@sign_in_required
def people() -> ResponseReturnValue:
    people = following(session(), viewer())
    return render("follows/following.html", people=people, followed_ids={p.id for p in people})
