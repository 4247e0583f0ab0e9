"""The status page for operators, and the health check for monitors."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, make_response, request
from flask.typing import ResponseReturnValue

from ..clock import now
from ..db.session import db_session
from ..state import get_settings
from ..sync.history import history
from ..web.guard import sign_in_required
from ..web.paging import read_after, write_after
from ..web.render import fragment, render, wants_partial
from ..web.viewer import viewer
from . import descriptions as words
from .status import age, apart, broken_photos, entries_with_problems, is_operator, state

PAGE = 50


def add_routes(bp: Blueprint) -> None:
    bp.get("/status")(status)
    bp.get("/health")(health)


@sign_in_required
def status() -> ResponseReturnValue:
    """404 for anybody but an operator."""
    if not is_operator(viewer(), get_settings().operators):
        abort(404)
    start = read_after(request.args.get("after", ""))
    if wants_partial() and not start:
        return _polled()
    people = entries_with_problems(db_session(), start, PAGE + 1)
    last = people[PAGE - 1].person if len(people) > PAGE else None
    values: dict[str, Any] = {
        "people": people[:PAGE],
        "more": write_after(last) if last else None,
        "words": words,
    }
    if wants_partial():
        return fragment("operations/_problems.html", focus=True, **values)
    current, runs = state(db_session()), history(db_session())
    return render(
        "operations/status.html",
        state=current,
        runs=runs,
        apart=apart(db_session(), runs, current.whole),
        photos=broken_photos(db_session()),
        is_first=not start,
        focus=False,
        **values,
    )


def _polled() -> ResponseReturnValue:
    """The sentence about the current run; reloads the page once the run has ended."""
    current = state(db_session())
    answer = make_response(fragment("operations/_status.html", state=current, words=words))
    if current.status != "running":
        answer.headers["HX-Refresh"] = "true"
    return answer


def health() -> ResponseReturnValue:
    """For load balancers and monitors: 200 while the database answers. Contains no names."""
    current, moment = state(db_session()), now()
    return {
        "status": "ok",
        "sync": current.status,
        "sync_age_seconds": age(current.done, moment),
        "full_sync_age_seconds": age(current.whole, moment),
        "last_error": words.category(current.status, current.reasons),
    }
