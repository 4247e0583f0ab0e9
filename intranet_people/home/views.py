"""The first page: the next meeting, people the viewer follows, new people, everybody."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from ..clock import now
from ..db.session import db_session
from ..follows.follow import following
from ..hellos.upcoming import UpcomingMeeting, upcoming
from ..people.listing import newest
from ..search.views import everyone
from ..web.guard import sign_in_required
from ..web.paging import read_after
from ..web.render import fragment, render, wants_partial
from ..web.viewer import viewer

STRIP = 8


def add_routes(bp: Blueprint) -> None:
    bp.get("/")(home)


@sign_in_required
def home() -> ResponseReturnValue:
    after = read_after(request.args.get("after", ""))
    people = everyone(after)
    if wants_partial():
        return fragment("search/_rows.html" if after else "search/_people.html", **people)
    if after:
        return render("search/search.html", **people)
    return render(
        "home/home.html",
        following=following(db_session(), viewer(), STRIP),
        newest=newest(db_session(), viewer(), STRIP),
        next_meeting=_next_meeting(),
        **people,
    )


def _next_meeting() -> UpcomingMeeting | None:
    """The next meeting of the coming days with somebody in it whom the viewer has not met."""
    coming = upcoming(db_session(), viewer(), now(), timedelta(days=2))
    return next((g for g in coming if g.to_meet), None)
