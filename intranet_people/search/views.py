"""The search page, and the list of everybody from A to Z."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from ..db.session import db_session
from ..people.follow import following_among
from ..people.listing import newest, page_of
from ..people.row import PersonRow
from ..text import letter_of
from ..web.guard import sign_in_required
from ..web.paging import After, write_after
from ..web.render import render, wants_partial
from ..web.viewer import viewer
from .query import nearest, tokens_of
from .query import search as find
from .reason import reasons

PAGE = 20
LIMIT = 25
NEW = 3


def add_routes(bp: Blueprint) -> None:
    bp.get("/search")(search)


@sign_in_required
def search() -> ResponseReturnValue:
    query = request.args.get("q", "")
    found = hits(query) if query.strip() else everyone(None)
    return render("search/search.html", "search/_people.html", **found)


def hits(query: str) -> dict[str, Any]:
    """What the search page shows for `query`: if nobody is found, the nearest names, or else
    newcomers."""
    session, me = db_session(), viewer()
    found = find(session, me, query, LIMIT)
    near = [] if found else nearest(session, me, query)
    shown = found or near
    people = [hit.person for hit in shown] or newest(session, me, NEW)
    followed_ids = {hit.person.id for hit in shown if hit.is_followed}
    if not shown:
        followed_ids = following_among(session, me, (person.id for person in people))
    tokens = tokens_of(query) if found else []
    return _list(people, followed_ids) | {
        "is_found": bool(found),
        "is_near": bool(near),
        "query": query,
        "tokens": tokens,
        "why": {hit.person.id: reasons(hit, tokens) for hit in found},
        "is_typed": wants_partial(),
    }


def everyone(after: After | None) -> dict[str, Any]:
    """The same for everybody in order of their names, a page of them, those behind `after`."""
    found = page_of(db_session(), viewer(), after, PAGE + 1)
    page, is_more = [person for person, _ in found[:PAGE]], len(found) > PAGE
    return _list(page, {person.id for person, is_followed in found if is_followed}) | {
        "more": write_after(page[-1]) if is_more else None,
        "letters": True,
        # Of the page before, which a fragment continues.
        "last_letter": letter_of(after[0]) if after and wants_partial() else None,
        "focus": after is not None,
    }


def _list(people: Sequence[PersonRow], followed_ids: Collection[int]) -> dict[str, Any]:
    """The values of search/_people.html, where nobody has searched."""
    return {
        "people": people,
        "followed_ids": followed_ids,
        "is_found": True,
        "is_near": False,
        "limit": LIMIT,
        "more": None,
        "query": "",
        "tokens": [],
        "why": {},
        "letters": False,
        "last_letter": None,
        "placement": "page",
        "is_typed": False,
        "focus": False,
    }
