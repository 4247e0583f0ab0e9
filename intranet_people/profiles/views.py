"""A person's page, and their card."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from ..clock import now
from ..db.session import db_session
from ..follows.follow import is_following
from ..hellos.recent import recent_hellos
from ..hellos.upcoming import shared_greeting
from ..people.listing import line_of
from ..web.guard import get_person_or_404, sign_in_required
from ..web.render import render
from ..web.viewer import viewer, viewer_zone


def add_routes(bp: Blueprint) -> None:
    bp.get("/@<people_handle:handle>")(profile)
    bp.get("/@<people_handle:handle>/card")(card)
    bp.get("/me")(me)


@sign_in_required
def profile(handle: str) -> ResponseReturnValue:
    session, person, moment = db_session(), get_person_or_404(handle), now()
    recent = recent_hellos(session, viewer(), moment)
    line = line_of(session, viewer(), person)
    return render(
        "profiles/profile.html",
        person=person,
        line=line,
        is_followed=line.is_followed,
        is_me=person.id == viewer().id,
        greeting=shared_greeting(session, viewer(), person, moment, viewer_zone(), recent),
        news=recent.news(moment),
        placement="profile",
    )


@sign_in_required
def card(handle: str) -> ResponseReturnValue:
    person = get_person_or_404(handle)
    return render(
        "profiles/card.html",
        "profiles/_card.html",
        person=person,
        is_followed=is_following(db_session(), viewer(), person),
        placement="card",
    )


@sign_in_required
def me() -> ResponseReturnValue:
    return redirect(url_for(".profile", handle=viewer().handle))
