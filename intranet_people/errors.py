"""Errors on our own pages: the person gets a kind page, the operator the cause in the log."""

from __future__ import annotations

import logging

from flask import Blueprint, g
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from werkzeug.exceptions import HTTPException

from .web import render, session

log = logging.getLogger(__name__)

WORDS = {
    401: ("Please sign in", "You were signed out in the meantime. Sign in and try again."),
    403: ("Not for you", "This is not open to you."),
    404: ("Not here", "There is nobody and nothing at this address; perhaps the name changed."),
}
STALE = (
    "Once more, please",
    "This page was open for very long. Go back, reload it, send it again.",
)
BUSY = ("One moment", "Our database does not answer just now. Nothing was lost; try again soon.")


def register(bp: Blueprint) -> None:
    for code in WORDS:
        bp.register_error_handler(code, _http)
    bp.register_error_handler(CSRFError, _stale)
    bp.register_error_handler(OperationalError, _busy)


def _http(e: HTTPException) -> ResponseReturnValue:
    title, text = WORDS[e.code or 404]
    return _page(title, text, e.code or 404)


def _stale(e: CSRFError) -> ResponseReturnValue:
    log.info("Refused a form: %s", e.description)
    return _page(*STALE, 403)


def _busy(e: OperationalError) -> ResponseReturnValue:
    log.error("The database does not answer: %s", e.orig)
    session().rollback()
    # The page is shown as to a stranger: it must not ask the database who that is.
    g._people_viewer = None
    try:
        return _page(*BUSY, 503)
    except SQLAlchemyError:
        # A layout may ask it all the same.
        return " ".join(BUSY), 503, {"Content-Type": "text/plain; charset=utf-8"}


def _page(title: str, text: str, status: int) -> ResponseReturnValue:
    return render("error.html", "_error.html", title=title, text=text), status
