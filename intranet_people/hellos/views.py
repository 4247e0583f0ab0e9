"""The coming meetings and the hellos, as pages and as fragments."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from ..meetings.meeting import Meeting, coming_one
from ..people.person import Person, by_ids, now
from ..web.web import (
    found,
    fragment,
    render,
    render_action,
    session,
    sign_in_required,
    viewer,
    wants_partial,
)
from .greeting import greeting_with, of_hellos
from .hello import (
    Hello,
    HiRefused,
    hi_back,
    mine,
    news,
    say_hi,
    see_answers,
    take_back,
    to_me,
)
from .met import not_met, we_met
from .upcoming import gatherings

bp = Blueprint("hellos", __name__)


@bp.get("/meetings")
@sign_in_required
def meetings() -> ResponseReturnValue:
    _, coming = gatherings(session(), viewer().id, now())
    return render("hellos/meetings.html", "hellos/_meetings.html", gatherings=coming, place="page")


@bp.post("/meetings/<key>/hi/<handle>")
@sign_in_required
def hi(key: str, handle: str) -> ResponseReturnValue:
    if not key.isalnum():
        abort(404)
    person, moment = found(handle), now()
    line = request.form.get("line", "")
    try:
        say_hi(session(), viewer(), person, key, line, moment)
    except HiRefused as e:
        return _refused(e, person, line)
    return _greeting(_meeting(key), person)


@bp.get("/hellos")
@sign_in_required
def hellos() -> ResponseReturnValue:
    moment = now()
    # First, as what is loaded before a commit is loaded again, row by row.
    see_answers(session(), viewer(), moment)
    received = to_me(session(), viewer(), moment)
    said = mine(session(), viewer(), moment)
    greetings = of_hellos(session(), viewer(), [*received, *said])
    return render(
        "hellos/hellos.html",
        "hellos/_hellos.html",
        to_me=greetings[: len(received)],
        mine=greetings[len(received) :],
    )


@bp.post("/hellos/<int(max=2147483647):hello_id>/reply")
@sign_in_required
def reply(hello_id: int) -> ResponseReturnValue:
    hello = _my_hello(hello_id)
    line = request.form.get("line", "")
    try:
        hi_back(session(), viewer(), hello, line, now())
    except HiRefused as e:
        return _refused(e, _other(hello), line)
    greeting = of_hellos(session(), viewer(), [hello])[0]
    left = news(session(), viewer(), now())
    return render_action("hellos/_replied.html", greeting=greeting, focus=False, news=left)


@bp.post("/hellos/<int(max=2147483647):hello_id>/undo")
@sign_in_required
def undo(hello_id: int) -> ResponseReturnValue:
    hello = _my_hello(hello_id)
    take_back(session(), viewer(), hello, now())
    # What was answered meanwhile stays, and is shown.
    meeting = coming_one(session(), viewer(), hello.meeting_key, now())
    if meeting is None:
        return render_action("hellos/_gone.html")
    return _greeting(meeting, _other(hello), focus=True)


@bp.post("/hellos/<int(max=2147483647):hello_id>/met")
@sign_in_required
def met(hello_id: int) -> ResponseReturnValue:
    hello = _my_hello(hello_id)
    try:
        we_met(session(), viewer(), hello, now())
    except HiRefused as e:
        return _refused(e, _other(hello), "")
    return _said_of(hello)


@bp.post("/hellos/<int(max=2147483647):hello_id>/not-met")
@sign_in_required
def unmeet(hello_id: int) -> ResponseReturnValue:
    hello = _my_hello(hello_id)
    not_met(session(), viewer(), hello)
    return _said_of(hello)


@bp.get("/hellos/badge")
@sign_in_required
def badge() -> ResponseReturnValue:
    """The badge; 204 where it still shows the right number (`n`), so that nothing moves."""
    count = news(session(), viewer(), now())
    if wants_partial() and request.args.get("n", type=int) == count:
        return Response(status=204)
    return fragment("hellos/_badge.html", news=count, is_apart=False)


def _my_hello(hello_id: int) -> Hello:
    """What was taken back is known to nobody but who said it."""
    hello = session().get(Hello, hello_id)
    ours = (hello.sender_id, *([] if hello.taken_back_at else [hello.receiver_id])) if hello else ()
    if hello is None or viewer().id not in ours:
        abort(404)
    return hello


def _other(hello: Hello) -> Person:
    id = hello.other(viewer())
    return by_ids(session(), [id])[id]


def _said_of(hello: Hello) -> ResponseReturnValue:
    greeting = of_hellos(session(), viewer(), [hello])[0]
    return render_action("hellos/_greeting.html", greeting=greeting, focus=True)


def _meeting(key: str) -> Meeting:
    return coming_one(session(), viewer(), key, now()) or abort(404)


def _greeting(meeting: Meeting, person: Person, focus: bool = False) -> ResponseReturnValue:
    greeting = greeting_with(session(), viewer(), person, meeting, now())
    return render_action("hellos/_greeting.html", greeting=greeting, focus=focus)


def _refused(reason: HiRefused, person: Person, line: str) -> ResponseReturnValue:
    """Why not, in the place of the form; the person stays, and so does what was written."""
    # Swapped in place where htmx asked; htmx 2 swaps no error answers.
    status = 200 if wants_partial() else 409
    page, part = "hellos/refused.html", "hellos/_refused.html"
    return render(page, part, reason=str(reason), person=person, line=line), status
