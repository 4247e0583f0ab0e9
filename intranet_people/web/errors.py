"""Errors on our own pages: a kind page for the person, the cause in the log for the operator."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import (
    InterfaceError,
    OperationalError,
    ProgrammingError,
    SQLAlchemyError,
    TimeoutError,
)
from werkzeug.exceptions import HTTPException

from ..db.revisions import COMMAND, MigrationRequired
from ..db.session import db_session
from ..i18n.marks import N_
from ..i18n.texts import gettext
from ..state import NAME
from . import static_files
from .guard import NotListed
from .render import render, wants_partial
from .viewer import treat_as_anonymous, viewer_or_none

log = logging.getLogger(__name__)

WORDS = {
    401: (
        N_("Please sign in"),
        N_("This is for people who are signed in. Sign in, and come back."),
    ),
    403: (N_("No access"), N_("You do not have access to this.")),
    404: (
        N_("Not here"),
        N_("There is nothing and nobody at this address; perhaps the name has changed."),
    ),
}
NEW = N_("Not listed yet")
STALE = (
    N_("Once more, please"),
    N_("This page is from an earlier sign-in, or very old. Go back, reload it and send it again."),
)
BUSY = (
    N_("One moment"),
    N_("Our database does not answer just now. Nothing was lost; try again soon."),
)


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
    body, status = _page(title, text, code)
    # A host's own challenge (Negotiate, for example) is kept.
    asked = {k: v for k, v in e.get_headers() if k == "WWW-Authenticate"}
    return body, status, asked


def _stale(e: CSRFError) -> ResponseReturnValue:
    log.info("Refused a form: %s", e.description)
    if viewer_or_none() is None and wants_partial():
        return "", 401, {"HX-Refresh": "true"}
    return _page(*STALE, 403)


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
        return _page(*BUSY, 503)
    except SQLAlchemyError:
        # A host's layout may query the database too.
        return " ".join(map(gettext, BUSY)), 503, {"Content-Type": "text/plain; charset=utf-8"}


def is_badge() -> bool:
    return request.endpoint == f"{NAME}.badge"


def _page(title: str, text: str, status: int) -> tuple[str, int]:
    if is_badge():
        # The badge polls again in a minute and keeps what it shows until then.
        return "", 204
    return render("error.html", "_error.html", title=gettext(title), text=gettext(text)), status
