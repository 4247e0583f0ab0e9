"""The list, the search and the profile."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from ..follows.follow import following, following_among
from ..hellos.greeting import Gathering, gatherings, next_greeting
from ..people.person import Person, newest, now, page_of, reports_of
from ..people.search import search as find
from ..people.search import tokens_of
from ..people.sync import last_run
from ..web import found, render, session, sign_in_required, viewer

bp = Blueprint("directory", __name__)
PAGE = 30
STRIP = 8


@bp.get("/")
@sign_in_required
def people() -> ResponseReturnValue:
    start = _start(request.args.get("after", ""))
    page = list(page_of(session(), start, PAGE + 1))
    list_values: dict[str, Any] = {
        "people": page[:PAGE],
        "followed_ids": following_among(session(), viewer(), (p.id for p in page)),
        "more": f"{page[PAGE - 1].sort_key}~{page[PAGE - 1].id}" if len(page) > PAGE else None,
        "query": "",
        "tokens": [],
    }
    if start or "HX-Request" in request.headers:
        return render("directory/people.html", "directory/_people.html", **list_values)
    return render(
        "directory/people.html",
        following=following(session(), viewer(), STRIP),
        newest=newest(session(), STRIP),
        next_gathering=_next_gathering(),
        **list_values,
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
    )


@bp.get("/@<handle>")
@sign_in_required
def profile(handle: str) -> ResponseReturnValue:
    person = found(handle)
    return render(
        "directory/profile.html",
        person=person,
        manager=session().get(Person, person.manager_id) if person.manager_id else None,
        reports=reports_of(session(), person),
        is_followed=person.id in following_among(session(), viewer(), [person.id]),
        greeting=next_greeting(session(), viewer(), person, now()),
    )


@bp.get("/@<handle>/card")
@sign_in_required
def card(handle: str) -> ResponseReturnValue:
    person = found(handle)
    followed = person.id in following_among(session(), viewer(), [person.id])
    return render(
        "directory/card.html", "directory/_card.html", person=person, is_followed=followed
    )


@bp.get("/me")
@sign_in_required
def me() -> ResponseReturnValue:
    return redirect(url_for(".profile", handle=viewer().handle))


@bp.get("/health")
def health() -> ResponseReturnValue:
    """For a load balancer and a monitor: 200 while the database answers; no names in it."""
    run = last_run(session())
    age = int((now() - run.started_at).total_seconds()) if run else None
    return {"status": "ok", "sync": run.status if run else "never", "sync_age_seconds": age}


def _next_gathering() -> Gathering | None:
    """The next meeting of the coming days with somebody in it whom the viewer has not met."""
    coming = gatherings(session(), viewer(), now(), timedelta(days=2))
    return next((g for g in coming if g.to_meet), None)


def _start(after: str) -> tuple[str, int] | None:
    """Behind whom a page begins: `SORT_KEY~ID`, as the link to it says."""
    key, _, person_id = after.rpartition("~")
    is_id = person_id.isascii() and person_id.isdecimal() and len(person_id) < 16
    return (key, int(person_id)) if is_id and "\0" not in key else None
