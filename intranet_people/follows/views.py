"""The follow button, and whom I follow."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from ..clock import now
from ..db.session import db_session
from ..meetings.met import lately_met
from ..people.listing import following, newest
from ..web.guard import get_person_or_404, sign_in_required
from ..web.render import render, render_action
from ..web.viewer import viewer, viewer_zone
from .follow import follow, unfollow

SUGGESTED = 3


def add_routes(bp: Blueprint) -> None:
    bp.post("/@<people_handle:handle>/follow", endpoint="follow")(follow_person)
    bp.post("/@<people_handle:handle>/unfollow", endpoint="unfollow")(unfollow_person)
    bp.get("/following", endpoint="following")(followed_people)


@sign_in_required
def follow_person(handle: str) -> ResponseReturnValue:
    person = get_person_or_404(handle)
    at = f"follow-{person.id}"
    is_followed = follow(db_session(), viewer(), person)
    return render_action("follows/_follow.html", at=at, person=person, is_followed=is_followed)


@sign_in_required
def unfollow_person(handle: str) -> ResponseReturnValue:
    person = get_person_or_404(handle)
    at = f"follow-{person.id}"
    unfollow(db_session(), viewer(), person)
    return render_action("follows/_follow.html", at=at, person=person, is_followed=False)


@sign_in_required
def followed_people() -> ResponseReturnValue:
    """Or, for somebody who follows nobody, a few people to begin with."""
    session, me = db_session(), viewer()
    people = following(session, me)
    met = [] if people else lately_met(session, me, now(), viewer_zone(), SUGGESTED)
    return render(
        "follows/following.html",
        people=people,
        followed_ids={p.id for p in people},
        met=met,
        newest=[] if people or met else newest(session, me, SUGGESTED),
    )
