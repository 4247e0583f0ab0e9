"""A person's page, and their card."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from ..clock import now
from ..db.session import db_session
from ..follows.follow import is_following
from ..hellos.greeting import next_greeting
from ..people.listing import manager_of, reports_of
from ..web.guard import get_person_or_404, sign_in_required
from ..web.render import render
from ..web.viewer import viewer


def add_routes(bp: Blueprint) -> None:
    bp.get("/@<people_handle:handle>")(profile)
    bp.get("/@<people_handle:handle>/card")(card)
    bp.get("/me")(me)


@sign_in_required
def profile(handle: str) -> ResponseReturnValue:
    session, person = db_session(), get_person_or_404(handle)
    return render(
        "profiles/profile.html",
        person=person,
        manager=manager_of(session, viewer(), person),
        reports=reports_of(session, viewer(), person),
        is_followed=is_following(session, viewer(), person),
        greeting=next_greeting(session, viewer(), person, now()),
        placement="profile",
        focus=False,
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
