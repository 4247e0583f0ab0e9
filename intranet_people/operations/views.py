"""The page for operators, and what a monitor asks."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, make_response, request
from flask.typing import ResponseReturnValue

from ..people.person import now
from ..sync.history import history
from ..web.web import fragment, render, session, settings, sign_in_required, viewer, wants_partial
from . import words
from .status import age, apart, broken_photos, doubtful, is_operator, state

bp = Blueprint("operators", __name__)
PAGE = 50


@bp.get("/status")
@sign_in_required
def status() -> ResponseReturnValue:
    """To anybody but an operator it is no address of ours."""
    if not is_operator(viewer(), settings().operators):
        abort(404)
    start = _start(request.args.get("after", ""))
    if wants_partial() and not start:
        return _polled()
    people = doubtful(session(), start, PAGE + 1)
    last = people[PAGE - 1].person if len(people) > PAGE else None
    values: dict[str, Any] = {
        "people": people[:PAGE],
        "more": f"{last.sort_key}~{last.id}" if last else None,
        "words": words,
    }
    if wants_partial():
        return fragment("operators/_doubts.html", focus=True, **values)
    current, runs = state(session()), history(session())
    return render(
        "operators/status.html",
        state=current,
        runs=runs,
        apart=apart(runs, current.whole),
        photos=broken_photos(session()),
        is_first=not start,
        focus=False,
        **values,
    )


def _polled() -> ResponseReturnValue:
    """While a run goes on, its sentence; once it has ended, everything has to be shown anew."""
    current = state(session())
    answer = make_response(fragment("operators/_status.html", state=current, words=words))
    if current.status != "running":
        answer.headers["HX-Refresh"] = "true"
    return answer


@bp.get("/health")
def health() -> ResponseReturnValue:
    """For a load balancer and a monitor: 200 while the database answers; no names in it."""
    current, moment = state(session()), now()
    return {
        "status": "ok",
        "sync": current.status,
        "sync_age_seconds": age(current.done, moment),
        "full_sync_age_seconds": age(current.whole, moment),
        "last_error": words.category(current.status, current.message),
    }


def _start(key: str) -> tuple[str, int] | None:
    """Behind whom a page begins: `SORT_KEY~ID`, as the link to it says."""
    name, _, person_id = key.rpartition("~")
    is_id = person_id.isascii() and person_id.isdecimal() and len(person_id) < 16
    return (name, int(person_id)) if is_id and "\0" not in name else None
