"""The list, the search and the profile."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from ..follows.follow import following, following_among
from ..hellos.greeting import next_greeting
from ..hellos.upcoming import Gathering, gatherings
from ..people.person import Person, newest, now, page_of, reports_of
from ..search.query import search as find
from ..search.query import tokens_of
from ..web.web import found, fragment, render, session, sign_in_required, viewer, wants_partial

bp = Blueprint("directory", __name__)
PAGE = 30
STRIP = 8


@bp.get("/")
@sign_in_required
def people() -> ResponseReturnValue:
    start = _start(request.args.get("after", ""))
    page = list(page_of(session(), start, PAGE + 1))
    values: dict[str, Any] = {
        "people": page[:PAGE],
        "followed_ids": following_among(session(), viewer(), (p.id for p in page)),
        "more": f"{page[PAGE - 1].sort_key}~{page[PAGE - 1].id}" if len(page) > PAGE else None,
        "query": "",
        "tokens": [],
        "place": "page",
        "is_typed": False,
    }
    if start and wants_partial():
        return fragment("directory/_rows.html", focus=True, **values)
    is_first = not start and not wants_partial()
    return render(
        "directory/people.html",
        "directory/_people.html",
        following=following(session(), viewer(), STRIP) if is_first else [],
        newest=newest(session(), STRIP) if is_first else [],
        next_gathering=_next_gathering() if is_first else None,
        focus=False,
        **values,
    )


@bp.get("/search")
@sign_in_required
def search() -> ResponseReturnValue:
    query = request.args.get("q", "")
    if not query.strip():
        return people()
    matches = find(session(), query)
    return render(
        "directory/people.html",
        "directory/_people.html",
        people=matches,
        followed_ids=following_among(session(), viewer(), (p.id for p in matches)),
        more=None,
        query=query,
        tokens=tokens_of(query),
        following=[],
        newest=[],
        next_gathering=None,
        focus=False,
        place="page",
        is_typed=wants_partial(),
    )


@bp.get("/@<handle>")
@sign_in_required
def profile(handle: str) -> ResponseReturnValue:
    person, is_followed = _shown(handle)
    return render(
        "directory/profile.html",
        person=person,
        manager=session().get(Person, person.manager_id) if person.manager_id else None,
        reports=reports_of(session(), person),
        is_followed=is_followed,
        greeting=next_greeting(session(), viewer(), person, now()),
        place="profile",
        focus=False,
    )


@bp.get("/@<handle>/card")
@sign_in_required
def card(handle: str) -> ResponseReturnValue:
    person, is_followed = _shown(handle)
    return render(
        "directory/card.html",
        "directory/_card.html",
        person=person,
        is_followed=is_followed,
        place="card",
    )


@bp.get("/me")
@sign_in_required
def me() -> ResponseReturnValue:
    return redirect(url_for(".profile", handle=viewer().handle))


@sign_in_required
def nothing(nowhere: str) -> ResponseReturnValue:
    """An address below ours that there is not: our own kind page. The extension knows where."""
    return abort(404)


def _shown(handle: str) -> tuple[Person, bool]:
    """The person, and whether the viewer follows them; who has left is there for those alone."""
    person = found(handle)
    is_followed = person.id in following_among(session(), viewer(), [person.id])
    if not person.is_active and not is_followed:
        abort(404)
    return person, is_followed


def _next_gathering() -> Gathering | None:
    """The next meeting of the coming days with somebody in it whom the viewer has not met."""
    _, coming = gatherings(session(), viewer().id, now(), timedelta(days=2))
    return next((g for g in coming if g.to_meet), None)


def _start(after: str) -> tuple[str, int] | None:
    """Behind whom a page begins: `SORT_KEY~ID`, as the link to it says."""
    key, _, person_id = after.rpartition("~")
    is_id = person_id.isascii() and person_id.isdecimal() and len(person_id) < 16
    return (key, int(person_id)) if is_id and "\0" not in key else None
