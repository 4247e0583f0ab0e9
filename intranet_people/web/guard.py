"""Who may see a page, and what everybody else is told."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, cast
from urllib.parse import quote

from flask import abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import Forbidden

from ..db.session import db_session
from ..i18n import texts
from ..i18n.marks import N_
from ..people.person import Person, is_mail_of_several
from ..people.visible import find_visible
from ..state import NAME, get_settings, get_state
from . import static_files
from .render import current_path, wants_partial
from .viewer import look_again, viewer, viewer_name, viewer_or_none

P = ParamSpec("P")


NOT_LISTED = N_(
    "You are signed in as %(name)s, but you are not listed here yet. Perhaps the"
    " directory has you under another name; ask whoever looks after it."
)


TWO = N_(
    "You are signed in as %(mail)s, but more than one person here has that mail address,"
    " so we cannot tell which of them you are. Whoever looks after the directory can fix"
    " it."
)


class NotListed(Forbidden):
    """Somebody is signed in, but is not one of the people here."""


def not_listed(name: str) -> str:
    return texts.gettext(NOT_LISTED, name=name)


def get_person_or_404(handle: str) -> Person:
    """The person of that handle; 404 where there is none, or the viewer may not see them."""
    return find_visible(db_session(), viewer(), handle) or abort(404)


def sign_in_required(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Require a signed-in person; everybody else is asked to sign in."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if viewer_or_none() is not None or _is_newcomer():
            return view(*args, **kwargs)
        return _ask_to_sign_in()

    return guarded


def _is_newcomer() -> bool:
    """Look for the signed-in person in the directory; True if they are there. Raises NotListed."""
    name = viewer_name()
    if not name:
        return False
    get_state().bring_in(name)
    # Another request of theirs may have brought them in meanwhile.
    look_again()
    return viewer_or_none() is not None


def _ask_to_sign_in() -> ResponseReturnValue:
    """Redirect to our sign-in form or the host's, or answer 401."""
    if name := viewer_name():
        # They are signed in already: asking again would redirect in a circle.
        is_two = name.kind == "mail" and is_mail_of_several(db_session(), name.text)
        raise NotListed(texts.gettext(TWO, mail=name) if is_two else not_listed(name.text))
    manager = getattr(current_app, "login_manager", None)
    if not wants_partial() and request.method == "GET":
        if url := sign_in_url(current_path()):
            return redirect(url)
        if manager is not None:
            return cast(ResponseReturnValue, manager.unauthorized())
    return abort(401)


def sign_in_url(path: str) -> str:
    """Our sign-in form or the host's, which leads back to `path`; "" if there is neither."""
    if get_settings().own_sign_ins:
        return url_for(f"{NAME}.sign_in", next=path)
    url = get_settings().sign_in_url
    return f"{url}{'&' if '?' in url else '?'}next={quote(path)}" if url else ""


@sign_in_required
def not_found(nowhere: str) -> ResponseReturnValue:
    """Any other address below our prefix: our own 404 page."""
    return abort(404)


def before_page() -> ResponseReturnValue | None:
    """Check the tables before each page. Static files need none: the error page uses them too."""
    if static_files.is_below():
        # Before anything reads the session, also for a path that no file route matches.
        return static_files.answer((request.view_args or {}).get("filename", ""))
    get_state().check_tables()
    return None
