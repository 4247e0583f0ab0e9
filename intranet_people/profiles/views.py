"""A person's page, and their card."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, url_for
from flask.typing import ResponseReturnValue

from ..clock import now
from ..db.session import db_session
from ..follows.follow import following_among
from ..hellos.greeting import next_greeting
from ..people.person import Person, reports_of
from ..web.guard import get_person_or_404, sign_in_required
from ..web.render import render
from ..web.viewer import viewer


def add_routes(bp: Blueprint) -> None:
    bp.get("/@<handle>")(profile)
    bp.get("/@<handle>/card")(card)
    bp.get("/me")(me)


@sign_in_required
def profile(handle: str) -> ResponseReturnValue:
    person, is_followed = _shown(handle)
    session = db_session()
    return render(
        "profiles/profile.html",
        person=person,
        manager=session.get(Person, person.manager_id) if person.manager_id else None,
        reports=reports_of(session, person),
        is_followed=is_followed,
        greeting=next_greeting(session, viewer(), person, now()),
        placement="profile",
        focus=False,
    )


@sign_in_required
def card(handle: str) -> ResponseReturnValue:
    person, is_followed = _shown(handle)
    return render(
        "profiles/card.html",
        "profiles/_card.html",
        person=person,
        is_followed=is_followed,
        placement="card",
    )


@sign_in_required
def me() -> ResponseReturnValue:
    return redirect(url_for(".profile", handle=viewer().handle))


def _shown(handle: str) -> tuple[Person, bool]:
    """The person, and whether the viewer follows them; who has left is there for those alone."""
    person = get_person_or_404(handle)
    is_followed = person.id in following_among(db_session(), viewer(), [person.id])
    if not person.is_active and not is_followed:
        abort(404)
    return person, is_followed
