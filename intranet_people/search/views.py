"""The search page, and the list of everybody from A to Z."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from ..db.session import db_session
from ..people.follow import following_among
from ..people.listing import page_of
from ..web.guard import sign_in_required
from ..web.paging import After, write_after
from ..web.render import render, wants_partial
from ..web.viewer import viewer
from .query import search as find
from .query import tokens_of

PAGE = 30


def add_routes(bp: Blueprint) -> None:
    bp.get("/search")(search)


@sign_in_required
def search() -> ResponseReturnValue:
    query = request.args.get("q", "")
    found = hits(query) if query.strip() else everyone(None)
    return render("search/search.html", "search/_people.html", **found)


def hits(query: str) -> dict[str, Any]:
    """What the search page shows for `query`."""
    people = find(db_session(), viewer(), query)
    return {
        "people": people,
        "followed_ids": following_among(db_session(), viewer(), (p.id for p in people)),
        "more": None,
        "query": query,
        "tokens": tokens_of(query),
        "placement": "page",
        "is_typed": wants_partial(),
        "focus": False,
    }


def everyone(after: After | None, followed_ids: set[int] | None = None) -> dict[str, Any]:
    """The same for everybody in order of their names, a page of them, those behind `after`.

    `followed_ids` are whom the viewer follows, where the caller knows all of them.
    """
    people = list(page_of(db_session(), viewer(), after, PAGE + 1))
    page, is_more = people[:PAGE], len(people) > PAGE
    if followed_ids is None:
        followed_ids = following_among(db_session(), viewer(), (p.id for p in page))
    return {
        "people": page,
        "followed_ids": followed_ids,
        "more": write_after(page[-1]) if is_more else None,
        "query": "",
        "tokens": [],
        "placement": "page",
        "is_typed": False,
        "focus": after is not None,
    }
