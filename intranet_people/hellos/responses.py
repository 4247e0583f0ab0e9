"""What the views of greetings and hellos answer with."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from flask import request, url_for
from flask.typing import ResponseReturnValue

from ..people.person import Person
from ..people.row import PersonRow
from ..state import NAME
from ..web.render import render, render_action, wants_partial
from ..web.security import safe_path
from .greeting import Greeting
from .hello import HiRefused


def placement(default: str = "page") -> str:
    """Where on a page the fragment stands, so that the ids of its elements stay the same."""
    found = request.args.get("placement", default)
    return found if re.fullmatch(r"[a-z-]{1,40}", found) else default


def greeting_page(greeting: Greeting) -> ResponseReturnValue:
    """The greeting alone; with `?edit` the line is open."""
    return render(
        "hellos/greeting.html",
        "hellos/_greeting.html",
        greeting=greeting,
        placement=placement("edit"),
        focus=False,
        is_edited="edit" in request.args,
        back=_came_from(),
    )


def shown(
    at: str,
    read: Callable[[], Greeting],
    partial: str = "hellos/_greeting.html",
    *,
    focus: bool = False,
    **values: Any,
) -> ResponseReturnValue:
    """The greeting after a change, which is read for htmx alone: without, this is a redirect to
    its place on the page. `at` is its id."""
    if wants_partial():
        values |= {"greeting": read(), "focus": focus}
    return render_action(partial, at=f"hi-{at}", **values)


def refused(reason: HiRefused, person: Person | PersonRow, line: str) -> ResponseReturnValue:
    """The reason, in place of the form. The person and the written text stay."""
    # 200 for htmx: htmx 2 does not swap error responses.
    status = 200 if wants_partial() else 409
    page, part = "hellos/refused.html", "hellos/_refused.html"
    return render(page, part, reason=str(reason), person=person, line=line), status


def _came_from() -> str:
    """The page of this site that the viewer came from, or the meetings."""
    referrer = urlsplit(request.referrer or "")
    here = (request.path, url_for(f"{NAME}.sign_in"))
    is_ours = referrer.netloc == request.host and referrer.path not in here
    path = safe_path(f"{referrer.path}?{referrer.query}".rstrip("?")) if is_ours else None
    return path or url_for(f"{NAME}.meetings")
