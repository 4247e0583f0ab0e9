"""The coming meetings, greetings and hellos, as pages and as fragments."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, request, url_for
from flask.typing import ResponseReturnValue

from ..clock import now
from ..db.session import db_session
from ..people.follow import following_among
from ..people.listing import newest
from ..people.person import Person
from ..people.visible import visible_by_ids
from ..state import NAME
from ..web.guard import get_person_or_404, sign_in_required
from ..web.render import fragment, render, render_action, wants_partial
from ..web.security import safe_path
from ..web.viewer import viewer, viewer_condition, viewer_zone
from .answers import answer_all
from .greeting import Greeting, of_hellos
from .hello import Hello, HiRefused, hi_back, say_hi, withdraw
from .inbox import by_meeting, find_hello, inbox_of, news_of, news_where, see_answers
from .met import not_met, we_met
from .recent import News
from .sections import days_of, next_of, whole_section
from .upcoming import Upcoming, coming_week, shared_greeting

SUGGESTED = 3
"""So many people are named where a page would be empty."""


def add_routes(bp: Blueprint) -> None:
    hello = "/hellos/<int(max=2147483647):hello_id>"
    bp.get("/meetings")(meetings)
    bp.get("/meetings/<people_key:key>")(meeting)
    bp.post("/meetings/<people_key:key>/reply")(reply_to_all)
    bp.get("/meetings/<people_key:key>/hi/<people_handle:handle>", endpoint="greeting")(greeting)
    bp.post("/meetings/<people_key:key>/hi/<people_handle:handle>")(hi)
    bp.get("/hellos")(hellos)
    bp.get(hello, endpoint="hello")(one_hello)
    bp.post(f"{hello}/reply")(reply)
    bp.post(f"{hello}/undo")(undo)
    bp.post(f"{hello}/met")(met)
    bp.post(f"{hello}/not-met")(unmet)
    bp.get("/hellos/badge")(badge)


@sign_in_required
def meetings() -> ResponseReturnValue:
    """The coming week; `?on=2026-12-01` opens that day, for htmx alone."""
    week, on = _week(), _day(request.args.get("on", ""))
    days = days_of(week, on=on)
    if on and wants_partial():
        day = next((d for d in days if d.date == on), None) or abort(404)
        return fragment("hellos/_day.html", week=week, day=day, placement=_placement(), focus=True)
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
    week = _week()
    ahead = next((m for m in week.meetings if m.meeting.key == key), None) or abort(404)
    section = whole_section(week, ahead)
    values = {"week": week, "section": section, "placement": _placement()}
    return render("hellos/meeting.html", "hellos/_meeting.html", **values)


@sign_in_required
def greeting(key: str, handle: str) -> ResponseReturnValue:
    """The greeting alone; with `?edit` the line is open."""
    person = get_person_or_404(handle)
    return _page(_greeting(key, person, request.args.get("as", "")[:20]))


@sign_in_required
def one_hello(hello_id: int) -> ResponseReturnValue:
    """The greeting of one hello alone; with `?edit` the answer is open."""
    hello = _my_hello(hello_id)
    if hello.withdrawn_at:
        abort(404)
    return _page(_greeting_of(hello))


def _page(greeting: Greeting) -> ResponseReturnValue:
    return render(
        "hellos/greeting.html",
        "hellos/_greeting.html",
        greeting=greeting,
        placement=_placement("edit"),
        focus=False,
        is_edited="edit" in request.args,
        back=_came_from(),
    )


@sign_in_required
def hi(key: str, handle: str) -> ResponseReturnValue:
    person, line = get_person_or_404(handle), request.form.get("line", "")
    try:
        say_hi(db_session(), viewer(), person, key, line, now())
    except HiRefused as e:
        return _refused(e, person, line)
    return _shown(_greeting(key, person))


@sign_in_required
def hellos() -> ResponseReturnValue:
    return render("hellos/hellos.html", "hellos/_hellos.html", **_hellos())


def _hellos() -> dict[str, Any]:
    """What the hellos page shows; answers count as seen from then on."""
    session, moment = db_session(), now()
    # First: a commit expires loaded rows, which would then be read again one by one.
    see_answers(session, viewer(), moment)
    inbox = inbox_of(session, viewer(), moment)
    greetings = of_hellos(session, viewer(), [*inbox.received, *inbox.sent], inbox.people)
    week = None if greetings else _week()
    mine = viewer().id
    to_me = [g for g in greetings if g.hello and g.hello.receiver_id == mine]
    return {
        "received": by_meeting(to_me),
        "sent": by_meeting([g for g in greetings if g.hello and g.hello.sender_id == mine]),
        "news": News.of(_as_news(g) for g in to_me if g.state == "received"),
        "week": week,
        "next": next_of(week) if week else None,
        "has_to_answer": any(g.state == "received" for g in to_me),
        "followed_ids": greetings
        and following_among(session, viewer(), (g.person.id for g in greetings)),
        "placement": "hellos",
    }


@sign_in_required
def reply(hello_id: int) -> ResponseReturnValue:
    hello, line = _my_hello(hello_id), request.form.get("line", "")
    try:
        hi_back(db_session(), viewer(), hello, line, now())
    except HiRefused as e:
        return _refused(e, _other(hello), line)
    return _shown(_greeting_of(hello), "hellos/_replied.html", news=_news())


@sign_in_required
def reply_to_all(key: str) -> ResponseReturnValue:
    """Answer everybody who said hi before one meeting."""
    try:
        answer_all(db_session(), viewer(), key, request.form.get("line", ""), now())
    except HiRefused as e:
        return _refused(e, viewer(), request.form.get("line", ""))
    return render_action("hellos/_all_replied.html", **_hellos())


@sign_in_required
def undo(hello_id: int) -> ResponseReturnValue:
    hello = _my_hello(hello_id)
    withdraw(db_session(), viewer(), hello, now())
    # A hi that was answered meanwhile stays, and is shown.
    if hello.replied_at:
        return _shown(_greeting_of(hello), focus=True)
    left = shared_greeting(
        db_session(), viewer(), _other(hello), now(), viewer_zone(), key=hello.meeting_key
    )
    return _shown(left, focus=True) if left else render_action("hellos/_gone.html")


@sign_in_required
def met(hello_id: int) -> ResponseReturnValue:
    hello = _my_hello(hello_id)
    try:
        we_met(db_session(), viewer(), hello, now())
    except HiRefused as e:
        return _refused(e, _other(hello), "")
    other = _greeting_of(hello)
    followed = following_among(db_session(), viewer(), [other.person.id])
    return _shown(other, focus=True, followed_ids=followed)


@sign_in_required
def unmet(hello_id: int) -> ResponseReturnValue:
    hello = _my_hello(hello_id)
    not_met(db_session(), viewer(), hello)
    return _shown(_greeting_of(hello), focus=True)


def badge() -> ResponseReturnValue:
    """The badge; 204 if the page already shows that number (`n`) of the same news (`v`).

    Every open page polls this once a minute, so one query finds the viewer and the news.
    """
    is_viewer = viewer_condition()
    found = None if is_viewer is None else news_where(db_session(), is_viewer, now())
    return _first_badge() if found is None else _badge(found)


@sign_in_required
def _first_badge() -> ResponseReturnValue:
    """For nobody, or somebody who is new: ask to sign in, or bring them in."""
    return _badge(_news())


def _badge(news: News) -> ResponseReturnValue:
    known = request.args.get("n", type=int), request.args.get("v", news.version)
    if wants_partial() and known == (news.count, news.version):
        return Response(status=204)
    return fragment("hellos/_badge.html", news=news, is_apart=False)


def _week() -> Upcoming:
    return coming_week(db_session(), viewer(), now(), viewer_zone())


def _news() -> News:
    return news_of(db_session(), viewer(), now())


def _as_news(greeting: Greeting) -> tuple[int, str, int, datetime, datetime | None]:
    hello = greeting.hello or abort(404)
    return hello.id, greeting.key, greeting.person.id, hello.sent_at, hello.replied_at


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _placement(default: str = "page") -> str:
    """Where on a page the fragment stands, so that the ids of its elements stay the same."""
    found = request.args.get("placement", default)
    return found if re.fullmatch(r"[a-z-]{1,40}", found) else default


def _came_from() -> str:
    """The page of this site that the viewer came from, or the meetings."""
    referrer = urlsplit(request.referrer or "")
    here = (request.path, url_for(f"{NAME}.sign_in"))
    is_ours = referrer.netloc == request.host and referrer.path not in here
    path = safe_path(f"{referrer.path}?{referrer.query}".rstrip("?")) if is_ours else None
    return path or url_for(f"{NAME}.meetings")


def _my_hello(hello_id: int) -> Hello:
    return find_hello(db_session(), viewer(), hello_id) or abort(404)


def _other(hello: Hello) -> Person:
    id = hello.other(viewer())
    return visible_by_ids(db_session(), viewer(), [id]).get(id) or abort(404)


def _greeting_of(hello: Hello) -> Greeting:
    """404 where the other was hidden or left meanwhile."""
    return next(iter(of_hellos(db_session(), viewer(), [hello])), None) or abort(404)


def _greeting(key: str, person: Person, choice: str = "") -> Greeting:
    found = shared_greeting(
        db_session(), viewer(), person, now(), viewer_zone(), key=key, choice=choice
    )
    return found or abort(404)


def _shown(
    greeting: Greeting,
    partial: str = "hellos/_greeting.html",
    *,
    focus: bool = False,
    **values: Any,
) -> ResponseReturnValue:
    """The greeting after a change; without htmx, a redirect to its place on the page."""
    return render_action(partial, at=f"hi-{greeting.id}", greeting=greeting, focus=focus, **values)


def _refused(reason: HiRefused, person: Person, line: str) -> ResponseReturnValue:
    """The reason, in place of the form. The person and the written text stay."""
    # 200 for htmx: htmx 2 does not swap error responses.
    status = 200 if wants_partial() else 409
    page, part = "hellos/refused.html", "hellos/_refused.html"
    return render(page, part, reason=str(reason), person=person, line=line), status
