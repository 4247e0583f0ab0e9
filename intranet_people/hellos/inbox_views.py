"""The hellos page, answers, undo, and the badge."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from ..clock import now
from ..db.session import db_session
from ..people.follow import following_among
from ..people.listing import rows_by_ids
from ..people.row import PersonRow
from ..web.guard import sign_in_required
from ..web.render import fragment, render, render_action, wants_partial
from ..web.viewer import viewer, viewer_asked, viewer_zone
from .answers import answer_all
from .greeting import Greeting, of_hellos
from .hello import Hello, HiRefused, hi_back, withdraw
from .inbox import by_meeting, find_hello, inbox_of, news_of, news_of_named, see_answers
from .met import not_met, we_met
from .recent import News
from .responses import greeting_page, refused, shown
from .sections import next_of
from .upcoming import coming_week, shared_greeting


def add_routes(bp: Blueprint) -> None:
    hello = "/hellos/<int(max=2147483647):hello_id>"
    bp.get("/hellos")(hellos)
    bp.get(hello, endpoint="hello")(one_hello)
    bp.post(f"{hello}/reply")(reply)
    bp.post(f"{hello}/undo")(undo)
    bp.post(f"{hello}/met")(met)
    bp.post(f"{hello}/not-met")(unmet)
    bp.post("/meetings/<people_key:key>/reply")(reply_to_all)
    bp.get("/hellos/badge")(badge)


@sign_in_required
def one_hello(hello_id: int) -> ResponseReturnValue:
    """The greeting of one hello alone; with `?edit` the answer is open."""
    hello = _my_hello(hello_id)
    if hello.withdrawn_at:
        abort(404)
    return greeting_page(_greeting_of(hello))


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
    week = None if greetings else coming_week(session, viewer(), moment, viewer_zone())
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
        return refused(e, _other(hello), line)
    news = _news() if wants_partial() else None
    return _shown(hello, "hellos/_replied.html", news=news)


@sign_in_required
def reply_to_all(key: str) -> ResponseReturnValue:
    """Answer everybody who said hi before one meeting."""
    try:
        answer_all(db_session(), viewer(), key, request.form.get("line", ""), now())
    except HiRefused as e:
        return refused(e, viewer(), request.form.get("line", ""))
    return render_action("hellos/_all_replied.html", **_hellos())


@sign_in_required
def undo(hello_id: int) -> ResponseReturnValue:
    hello = _my_hello(hello_id)
    withdraw(db_session(), viewer(), hello, now())
    # A hi that was answered meanwhile stays, and is shown.
    if hello.replied_at:
        return _shown(hello, focus=True)
    left = shared_greeting(
        db_session(), viewer(), _other(hello), now(), viewer_zone(), key=hello.meeting_key
    )
    return shown(left.id, lambda: left, focus=True) if left else render_action("hellos/_gone.html")


@sign_in_required
def met(hello_id: int) -> ResponseReturnValue:
    hello = _my_hello(hello_id)
    try:
        we_met(db_session(), viewer(), hello, now())
    except HiRefused as e:
        return refused(e, _other(hello), "")
    followed = following_among(db_session(), viewer(), [hello.other(viewer())])
    return _shown(hello, focus=True, followed_ids=followed)


@sign_in_required
def unmet(hello_id: int) -> ResponseReturnValue:
    hello = _my_hello(hello_id)
    not_met(db_session(), viewer(), hello)
    return _shown(hello, focus=True)


def badge() -> ResponseReturnValue:
    """The badge; 204 if the page already shows that number (`n`) of the same news (`v`).

    Every open page polls this once a minute, so one query finds the viewer and the news.
    """
    name = viewer_asked()
    found = None if name is None else news_of_named(db_session(), name, now())
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


def _news() -> News:
    return news_of(db_session(), viewer(), now())


def _as_news(greeting: Greeting) -> tuple[int, str, int, datetime, datetime | None]:
    hello = greeting.hello or abort(404)
    return hello.id, greeting.key, greeting.person.id, hello.sent_at, hello.replied_at


def _my_hello(hello_id: int) -> Hello:
    return find_hello(db_session(), viewer(), hello_id) or abort(404)


def _other(hello: Hello) -> PersonRow:
    id = hello.other(viewer())
    return rows_by_ids(db_session(), viewer(), [id]).get(id) or abort(404)


def _shown(hello: Hello, *partial: str, **values: Any) -> ResponseReturnValue:
    greeting = _greeting_of(hello)
    return shown(greeting.id, lambda: greeting, *partial, **values)


def _greeting_of(hello: Hello) -> Greeting:
    """404 where the other was hidden or left meanwhile."""
    return next(iter(of_hellos(db_session(), viewer(), [hello])), None) or abort(404)
