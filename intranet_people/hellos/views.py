"""The coming meetings and the greetings in them, as pages and as fragments."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from ..clock import now
from ..db.session import db_session
from ..people.listing import newest
from ..people.person import Person
from ..web.guard import get_person_or_404, sign_in_required
from ..web.render import fragment, render, wants_partial
from ..web.viewer import viewer, viewer_zone
from . import inbox_views
from .greeting import Greeting
from .hello import HiRefused, say_hi
from .recent import id_of
from .responses import greeting_page, placement, refused, shown
from .sections import days_of, whole_section
from .upcoming import Upcoming, coming_week, shared_greeting

SUGGESTED = 3
"""So many people are named where a page would be empty."""


def add_routes(bp: Blueprint) -> None:
    bp.get("/meetings")(meetings)
    bp.get("/meetings/<people_key:key>")(meeting)
    bp.get("/meetings/<people_key:key>/hi/<people_handle:handle>", endpoint="greeting")(greeting)
    bp.post("/meetings/<people_key:key>/hi/<people_handle:handle>")(hi)
    inbox_views.add_routes(bp)


@sign_in_required
def meetings() -> ResponseReturnValue:
    """The coming week; `?on=2026-12-01` opens that day, for htmx alone."""
    on = _day(request.args.get("on", ""))
    week = _week(on=on)
    days = days_of(week, on=on)
    if on and wants_partial():
        day = next((d for d in days if d.date == on), None) or abort(404)
        return fragment("hellos/_day.html", week=week, day=day, placement=placement(), focus=True)
    values = {
        "week": week,
        "days": days,
        "newest": [] if days else newest(db_session(), viewer(), SUGGESTED),
        "placement": "page",
        "news": week.recent.news(week.now),
    }
    return render("hellos/meetings.html", "hellos/_meetings.html", **values)


@sign_in_required
def meeting(key: str) -> ResponseReturnValue:
    """One coming meeting with everybody in it."""
    week = _week(key=key)
    ahead = next((m for m in week.meetings if m.meeting.key == key), None) or abort(404)
    section = whole_section(week, ahead)
    values = {"week": week, "section": section, "placement": placement()}
    # On every page but the first it opens below a heading of the second level.
    level = "h3" if wants_partial() and placement() != "home" else "h2"
    return render("hellos/meeting.html", "hellos/_meeting.html", level=level, **values)


@sign_in_required
def greeting(key: str, handle: str) -> ResponseReturnValue:
    """The greeting alone; with `?edit` the line is open."""
    person = get_person_or_404(handle)
    return greeting_page(_greeting(key, person, request.args.get("as", "")[:20]))


@sign_in_required
def hi(key: str, handle: str) -> ResponseReturnValue:
    person, line = get_person_or_404(handle), request.form.get("line", "")
    at = id_of(key, person.id)
    try:
        say_hi(db_session(), viewer(), person, key, line, now())
    except HiRefused as e:
        return refused(e, person, line)
    return shown(at, lambda: _greeting(key, person))


def _week(on: date | None = None, key: str | None = None) -> Upcoming:
    return coming_week(db_session(), viewer(), now(), viewer_zone(), on=on, key=key)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _greeting(key: str, person: Person, choice: str = "") -> Greeting:
    found = shared_greeting(
        db_session(), viewer(), person, now(), viewer_zone(), key=key, choice=choice
    )
    return found or abort(404)
