"""The coming meetings and the hellos, as pages and as fragments."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from ..clock import now
from ..db.session import db_session
from ..meetings.meeting import Meeting, coming_one
from ..people.person import Person
from ..people.visible import visible_by_ids
from ..web.guard import get_person_or_404, sign_in_required
from ..web.render import fragment, render, render_action, wants_partial
from ..web.viewer import viewer, viewer_condition
from .greeting import Greeting, greeting_with, of_hellos
from .hello import Hello, HiRefused, hi_back, say_hi, withdraw
from .inbox import find_hello, received_by, see_answers, sent_by, unread_count, unread_count_where
from .met import not_met, we_met
from .upcoming import upcoming


def add_routes(bp: Blueprint) -> None:
    bp.get("/meetings")(meetings)
    bp.post("/meetings/<people_key:key>/hi/<people_handle:handle>")(hi)
    bp.get("/hellos")(hellos)
    bp.post("/hellos/<int(max=2147483647):hello_id>/reply")(reply)
    bp.post("/hellos/<int(max=2147483647):hello_id>/undo")(undo)
    bp.post("/hellos/<int(max=2147483647):hello_id>/met")(met)
    bp.post("/hellos/<int(max=2147483647):hello_id>/not-met")(unmet)
    bp.get("/hellos/badge")(badge)


@sign_in_required
def meetings() -> ResponseReturnValue:
    coming = upcoming(db_session(), viewer(), now())
    return render(
        "hellos/meetings.html", "hellos/_meetings.html", upcoming=coming, placement="page"
    )


@sign_in_required
def hi(key: str, handle: str) -> ResponseReturnValue:
    person, moment = get_person_or_404(handle), now()
    line = request.form.get("line", "")
    try:
        say_hi(db_session(), viewer(), person, key, line, moment)
    except HiRefused as e:
        return _refused(e, person, line)
    return _greeting(_meeting(key), person)


@sign_in_required
def hellos() -> ResponseReturnValue:
    moment = now()
    # First: a commit expires loaded rows, which would then be read again one by one.
    see_answers(db_session(), viewer(), moment)
    received = received_by(db_session(), viewer(), moment)
    said = sent_by(db_session(), viewer(), moment)
    greetings = of_hellos(db_session(), viewer(), [*received, *said])
    mine = viewer().id
    return render(
        "hellos/hellos.html",
        "hellos/_hellos.html",
        received=[g for g in greetings if g.hello and g.hello.receiver_id == mine],
        sent=[g for g in greetings if g.hello and g.hello.sender_id == mine],
    )


@sign_in_required
def reply(hello_id: int) -> ResponseReturnValue:
    hello = _my_hello(hello_id)
    line = request.form.get("line", "")
    try:
        hi_back(db_session(), viewer(), hello, line, now())
    except HiRefused as e:
        return _refused(e, _other(hello), line)
    greeting = _greeting_of(hello)
    left = unread_count(db_session(), viewer(), now())
    return render_action("hellos/_replied.html", greeting=greeting, focus=False, unread=left)


@sign_in_required
def undo(hello_id: int) -> ResponseReturnValue:
    hello = _my_hello(hello_id)
    withdraw(db_session(), viewer(), hello, now())
    # A hi that was answered meanwhile stays, and is shown.
    meeting = coming_one(db_session(), viewer(), hello.meeting_key, now())
    if meeting is None:
        return render_action("hellos/_gone.html")
    return _greeting(meeting, _other(hello), focus=True)


@sign_in_required
def met(hello_id: int) -> ResponseReturnValue:
    hello = _my_hello(hello_id)
    try:
        we_met(db_session(), viewer(), hello, now())
    except HiRefused as e:
        return _refused(e, _other(hello), "")
    return _said_of(hello)


@sign_in_required
def unmet(hello_id: int) -> ResponseReturnValue:
    hello = _my_hello(hello_id)
    not_met(db_session(), viewer(), hello)
    return _said_of(hello)


def badge() -> ResponseReturnValue:
    """The badge; 204 if the page already shows the right number (`n`).

    Every open page polls this once a minute, so one query finds the viewer and counts.
    """
    is_viewer = viewer_condition()
    count = None if is_viewer is None else unread_count_where(db_session(), is_viewer, now())
    return _first_badge() if count is None else _badge(count)


@sign_in_required
def _first_badge() -> ResponseReturnValue:
    """For nobody, or somebody who is new: ask to sign in, or bring them in."""
    return _badge(unread_count(db_session(), viewer(), now()))


def _badge(count: int) -> ResponseReturnValue:
    if wants_partial() and request.args.get("n", type=int) == count:
        return Response(status=204)
    return fragment("hellos/_badge.html", unread=count, is_apart=False)


def _my_hello(hello_id: int) -> Hello:
    return find_hello(db_session(), viewer(), hello_id) or abort(404)


def _other(hello: Hello) -> Person:
    id = hello.other(viewer())
    return visible_by_ids(db_session(), viewer(), [id]).get(id) or abort(404)


def _greeting_of(hello: Hello) -> Greeting:
    """404 where the other was hidden or left meanwhile."""
    return next(iter(of_hellos(db_session(), viewer(), [hello])), None) or abort(404)


def _said_of(hello: Hello) -> ResponseReturnValue:
    greeting = _greeting_of(hello)
    return render_action("hellos/_greeting.html", greeting=greeting, focus=True)


def _meeting(key: str) -> Meeting:
    return coming_one(db_session(), viewer(), key, now()) or abort(404)


def _greeting(meeting: Meeting, person: Person, focus: bool = False) -> ResponseReturnValue:
    greeting = greeting_with(db_session(), viewer(), person, meeting, now())
    return render_action("hellos/_greeting.html", greeting=greeting, focus=focus)


def _refused(reason: HiRefused, person: Person, line: str) -> ResponseReturnValue:
    """The reason, in place of the form. The person and the written text stay."""
    # 200 for htmx: htmx 2 does not swap error responses.
    status = 200 if wants_partial() else 409
    page, part = "hellos/refused.html", "hellos/_refused.html"
    return render(page, part, reason=str(reason), person=person, line=line), status
