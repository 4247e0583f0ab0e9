"""The first page: news, the next meeting, people the viewer follows, new people, everybody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from ..clock import now
from ..db.session import db_session
from ..hellos.greeting import of_hellos
from ..hellos.headline import Headline, headline
from ..hellos.inbox import by_meeting
from ..hellos.recent import RecentHellos, recent_hellos
from ..hellos.sections import Next, next_of
from ..hellos.upcoming import FOLLOWED, Upcoming, coming_week
from ..people.listing import following_and_newest
from ..people.row import PersonRow
from ..search.views import everyone
from ..web.guard import sign_in_required
from ..web.paging import read_after
from ..web.render import fragment, render, wants_partial
from ..web.viewer import viewer, viewer_zone

STRIP = 8
FEW, FACES = 3, 6
"""From so many people on the heading is followed by faces; at most so many."""
NEWS = 3
"""At most so many hellos and answers are shown here; all of them are on the hellos page."""
WELCOME = timedelta(days=21)


def add_routes(bp: Blueprint) -> None:
    bp.get("/")(home)


@sign_in_required
def home() -> ResponseReturnValue:
    after = read_after(request.args.get("after", ""))
    if "news" in request.args and wants_partial():
        recent = recent_hellos(db_session(), viewer(), now())
        return fragment("home/_news.html", **_waiting(recent, now()))
    if wants_partial():
        return fragment("search/_rows.html" if after else "search/_people.html", **everyone(after))
    if after:
        return render("search/search.html", **everyone(after))
    followed, newest = following_and_newest(db_session(), viewer(), FOLLOWED, STRIP)
    week = coming_week(db_session(), viewer(), now(), viewer_zone(), followed=followed)
    values = _before_people(week) | {"following": followed[:STRIP], "newest": newest}
    return render("home/home.html", **values, **everyone(None))


def _before_people(week: Upcoming) -> dict[str, Any]:
    recent = week.recent
    waiting = _waiting(recent, week.now)
    to_ask = [] if viewer().is_hidden else recent.to_ask(week.now)[:NEWS]
    crowd = waiting["waiting_group"].greetings if waiting["waiting_group"] else []
    shown = {g.person.id for g in (*waiting["waiting"], *crowd)}
    said, coming = headline(week), next_of(week, without=shown)
    return waiting | {
        "week": week,
        "headline": said,
        "first": _first(said, coming),
        "is_newcomer": viewer().joined_at > week.now - WELCOME,
        "next": coming,
        "shown_keys": [s.ahead.meeting.key for s in coming.sections] if coming else [],
        "to_ask": of_hellos(db_session(), viewer(), to_ask, recent.people, recent.meetings),
        "news": recent.news(week.now),
    }


def _first(said: Headline, coming: Next | None) -> Sequence[PersonRow]:
    """The people of the heading by face and name, unless they are few, or a meeting's own faces
    follow."""
    is_running = coming is not None and any(s.is_running for s in coming.sections)
    return [] if is_running or said.count < FEW else said.people[:FACES]


def _waiting(recent: RecentHellos, now: datetime) -> dict[str, Any]:
    """Hellos and answers that wait for the viewer."""
    some = [*recent.to_answer(now), *recent.new_answers()]
    greetings = of_hellos(db_session(), viewer(), some, recent.people, recent.meetings)
    groups = by_meeting([g for g in greetings if g.state == "received"])
    crowd = next((g for g in groups if len(g.to_answer) > NEWS), None)
    others = [g for g in greetings if crowd is None or g not in crowd.greetings]
    return {
        "waiting": others[:NEWS],
        "more_waiting": max(0, len(others) - NEWS),
        "waiting_group": crowd,
    }
