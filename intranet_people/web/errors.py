"""Errors on our own pages: a kind page for the person, the cause in the log for the operator."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import (
    InterfaceError,
    OperationalError,
    ProgrammingError,
    SQLAlchemyError,
    TimeoutError,
)
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from ..db.revisions import COMMAND, MigrationRequired
from ..db.session import db_session
from ..i18n.marks import N_
from ..i18n.texts import gettext
from ..state import NAME
from . import static_files
from .guard import NotListed, sign_in_url
from .render import current_path, render, wants_partial
from .security import safe_path
from .viewer import treat_as_anonymous, viewer_or_none

log = logging.getLogger(__name__)

WORDS = {
    401: (
        N_("Please sign in"),
        N_("This page is for people who are signed in."),
    ),
    403: (
        N_("No access"),
        N_("This page is not open to everybody. If you need it, ask whoever runs this site."),
    ),
    404: (
        N_("Not here"),
        N_("This page has moved, or never existed."),
    ),
}
NEW = N_("Not listed yet")
STALE = (
    N_("Once more, please"),
    N_(
        "This page has been open since an earlier sign-in, or for very long. Nothing was sent:"
        " reload it, then send again."
    ),
)
BUSY = (
    N_("One moment"),
    N_(
        "Something on our side is not answering right now. Nothing was lost; please try again soon."
    ),
)
REFRESH = 20
"""Seconds after which a page that could not be shown asks again by itself."""
WayOn = tuple[str, str]
"""An address, and the text of the button that leads there."""


def register(bp: Blueprint) -> None:
    for code in WORDS:
        bp.register_error_handler(code, _on_a_page(_http))
    bp.register_error_handler(CSRFError, _on_a_page(_stale))
    for failure in (
        OperationalError,
        ProgrammingError,
        InterfaceError,
        TimeoutError,
        MigrationRequired,
    ):
        bp.register_error_handler(failure, _on_a_page(_busy))


def _on_a_page(handle: Callable[[Any], ResponseReturnValue]) -> Callable[[Any], Any]:
    """For pages; a request below our static files gets a plain refusal instead."""

    def handler(e: Exception) -> ResponseReturnValue:
        return static_files.refused(e) if static_files.is_below() else handle(e)

    return handler


def _http(e: HTTPException) -> ResponseReturnValue:
    code = e.code or 404
    if code == 401 and wants_partial() and not is_badge():
        # The whole page has to be reloaded to show the sign-in, not one fragment of it.
        return "", 401, {"HX-Refresh": "true"}
    title, text = WORDS[code]
    title = NEW if isinstance(e, NotListed) else title
    # The view's own text where it gave one; never Werkzeug's.
    text = e.description if e.description and e.description != type(e).description else text
    body, status, headers = _page(title, text, code, _way_on(code), has_search=_searches(code))
    # A host's own challenge (Negotiate, for example) is kept.
    asked = {k: v for k, v in e.get_headers() if k == "WWW-Authenticate"}
    return body, status, headers | asked


def _searches(code: int) -> bool:
    return code == 404 and viewer_or_none() is not None


def _way_on(code: int) -> WayOn | None:
    if viewer_or_none():
        return url_for(f"{NAME}.home"), gettext("Find someone")
    if code == 401 and (url := sign_in_url(_page_of_form())):
        return url, gettext("Sign in")
    return None


def _page_of_form() -> str:
    """The page that was asked for, or that had the form which was sent."""
    if request.method in ("GET", "HEAD"):
        return current_path()
    try:
        came_from = request.form.get("next")
    except RequestEntityTooLarge:
        came_from = None
    return safe_path(came_from) or url_for(f"{NAME}.home")


def _stale(e: CSRFError) -> ResponseReturnValue:
    log.info("Refused a form: %s", e.description)
    if viewer_or_none() is None and wants_partial():
        return "", 401, {"HX-Refresh": "true"}
    # No button that sends the form with a new token: the form may be another site's.
    return _page(*STALE, 403, (_page_of_form(), gettext("Reload the page")), is_stale=True)


def _busy(e: SQLAlchemyError | MigrationRequired) -> ResponseReturnValue:
    if isinstance(e, MigrationRequired):
        log.error("No page can be shown: %s", e)
    else:
        reason = getattr(e, "orig", e)
        log.error("The database does not answer: %s. Is it up? Did you run `%s`?", reason, COMMAND)
    db_session().rollback()
    if request.endpoint == f"{NAME}.health":
        return {"status": "down"}, 503
    treat_as_anonymous()
    try:
        refresh = REFRESH if request.method == "GET" else 0
        return _page(*BUSY, 503, (_page_of_form(), gettext("Try again")), refresh=refresh)
    except SQLAlchemyError:
        # A host's layout may query the database too.
        return " ".join(map(gettext, BUSY)), 503, {"Content-Type": "text/plain; charset=utf-8"}


def is_badge() -> bool:
    return request.endpoint == f"{NAME}.badge"


def _page(
    title: str,
    text: str,
    status: int,
    way_on: WayOn | None,
    *,
    has_search: bool = False,
    is_stale: bool = False,
    refresh: int = 0,
) -> tuple[str, int, dict[str, str]]:
    if is_badge():
        # The badge polls again in a minute and keeps what it shows until then.
        return "", 204, {}
    html = render(
        "error.html",
        "_error.html",
        title=gettext(title),
        text=gettext(text),
        way_on=way_on,
        has_search=has_search,
        is_stale=is_stale,
        refresh=refresh,
    )
    # What was written stays; people.js puts our words beside it.
    return html, status, {"HX-Reswap": "none"} if wants_partial() else {}
