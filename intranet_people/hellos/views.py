"""The coming meetings and the hellos, as pages and as fragments."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from ..people.person import now
from ..web import found, render, render_action, session, sign_in_required, viewer, wants_partial
from .greeting import gatherings, greeting_with, of_hellos
from .hello import Hello, HiRefused, hi_back, mine, say_hi, take_back, to_me, waiting
from .meeting import coming_one

bp = Blueprint("hellos", __name__)


@bp.get("/meetings")
@sign_in_required
def meetings() -> ResponseReturnValue:
    found = gatherings(session(), viewer(), now())
    return render("hellos/meetings.html", "hellos/_meetings.html", gatherings=found)


@bp.post("/meetings/<key>/hi/<handle>")
@sign_in_required
def hi(key: str, handle: str) -> ResponseReturnValue:
    person, moment = found(handle), now()
    try:
        say_hi(session(), viewer(), person, key, request.form.get("line", ""), moment)
    except HiRefused as e:
        return _refused(e)
    meeting = coming_one(session(), viewer(), key, moment)
    if meeting is None:
        abort(404)
    greeting = greeting_with(session(), viewer(), person, meeting, moment)
    return render_action("hellos/_greeting.html", greeting=greeting)


@bp.get("/hellos")
@sign_in_required
def hellos() -> ResponseReturnValue:
    moment = now()
    received = to_me(session(), viewer(), moment)
    said = mine(session(), viewer(), moment)
    greetings = of_hellos(session(), viewer(), [*received, *said])
    return render(
        "hellos/hellos.html",
        "hellos/_hellos.html",
        to_me=greetings[: len(received)],
        mine=greetings[len(received) :],
    )


@bp.post("/hellos/<int:hello_id>/reply")
@sign_in_required
def reply(hello_id: int) -> ResponseReturnValue:
    hello = _my_hello(hello_id)
    try:
        hi_back(session(), viewer(), hello, request.form.get("line", ""), now())
    except HiRefused as e:
        return _refused(e)
    greeting = of_hellos(session(), viewer(), [hello])[0]
    left = waiting(session(), viewer(), now())
    return render_action("hellos/_replied.html", greeting=greeting, waiting=left)


@bp.post("/hellos/<int:hello_id>/undo")
@sign_in_required
def undo(hello_id: int) -> ResponseReturnValue:
    hello = _my_hello(hello_id)
    take_back(session(), viewer(), hello)
    # What was answered meanwhile stays, and is shown.
    meeting = coming_one(session(), viewer(), hello.meeting_key, now())
    if meeting is None:
        return render_action("hellos/_gone.html")
    person = of_hellos(session(), viewer(), [hello])[0].person
    greeting = greeting_with(session(), viewer(), person, meeting, now())
    return render_action("hellos/_greeting.html", greeting=greeting)


@bp.get("/hellos/badge")
@sign_in_required
def badge() -> ResponseReturnValue:
    """The badge; 204 where it still shows the right number (`n`), so that nothing moves."""
    count = waiting(session(), viewer(), now())
    if wants_partial() and request.args.get("n", type=int) == count:
        return Response(status=204)
    return render("hellos/_badge.html", waiting=count)


def _my_hello(hello_id: int) -> Hello:
    hello = session().get(Hello, hello_id)
    if hello is None or viewer().id not in (hello.sender_id, hello.receiver_id):
        abort(404)
    return hello


def _refused(reason: HiRefused) -> ResponseReturnValue:
    # Swapped in place where htmx asked; htmx 2 swaps no error answers.
    status = 200 if wants_partial() else 409
    page, part = "hellos/refused.html", "hellos/_refused.html"
    return render(page, part, reason=str(reason)), status
