"""The sign-in form, and the user that Flask-Login keeps for it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import wraps

from flask import Blueprint, Flask, abort, current_app, redirect, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from werkzeug.wrappers import Response

from ..db.session import db_session
from ..i18n.texts import N_, gettext
from ..ldap import password_policy as policy
from ..ldap.connection import DirectoryError
from ..people.person import Person
from ..settings.settings import OWN_SIGN_INS, SettingsError
from ..state import NAME, DirectoryId, get_settings, get_state
from ..web.render import render, wants_partial
from ..web.security import safe_path
from ..web.viewer import viewer_or_none
from . import tickets
from .bind import NO_GROUP, NotInGroup, NotSyncedYet, SignInRefused, authenticate, person_of
from .header import without_realm
from .newcomers import NOT_YET, read_in
from .spnego import CHALLENGE
from .throttle import Throttle, Throttled

log = logging.getLogger(__name__)

REFUSED = N_("That name and password don't match.")
DOWN = N_(
    "The directory is not answering, so nobody can sign in just now."
    " Those who are signed in can go on."
)
WORDS = {
    policy.EXPIRED: N_(
        "Your password has expired. Please change it where you usually do, then sign in here."
    ),
    policy.MUST_CHANGE: N_(
        "Your password has to be changed first. Please change it where you usually do, then sign"
        " in here."
    ),
    policy.LOCKED: N_(
        "The directory has locked this account for now. Please wait a while, or ask whoever helps"
        " you with passwords."
    ),
}
# What Flask-Login keeps (https://flask-login.readthedocs.io), and we.
OURS = ("_user_id", "_fresh", "_id", tickets.MARK)
PAUSED = N_("That was tried too often just now. Please wait some minutes, then try again.")


def add_routes(bp: Blueprint) -> None:
    bp.get("/sign-in")(sign_in)
    bp.get("/sign-in/ask")(ask_for_ticket)
    bp.post("/sign-in")(check_password)
    bp.post("/sign-out")(sign_out)


class SignedIn(UserMixin):  # type: ignore[misc]
    """The signed-in person, to Flask-Login; by the immutable id, which no other ever gets."""

    def __init__(self, directory_id: str) -> None:
        self.id = directory_id

    @property
    def is_authenticated(self) -> bool:
        """As long as they are here."""
        return self._person is not None

    @property
    def username(self) -> str | None:
        return self._person.handle if self._person else None

    @property
    def _person(self) -> Person | None:
        person = viewer_or_none()
        return person if person and person.directory_id == self.id else None


def session_viewer() -> str | None:
    """Who signed in here, as their session says."""
    user = current_user._get_current_object() if current_user else None
    return DirectoryId(user.id) if isinstance(user, SignedIn) else None


def use_login_manager(app: Flask, ways: Sequence[str]) -> None:
    """Our own, for an app that has none. Raises SettingsError where the host has one already."""
    if hasattr(app, "login_manager"):
        raise SettingsError(
            f"PEOPLE_SIGN_IN has {' and '.join(ways)}, but this app signs people in by a"
            " LoginManager of its own, whose users ours are not: leave PEOPLE_SIGN_IN at host."
        )
    manager = Manager(app)
    # Whether they are still here is asked with who the viewer is, in one query.
    manager.user_loader(SignedIn)


class Manager(LoginManager):  # type: ignore[misc]
    """Remembers nobody over a session's end, so that not every answer need look for it there.

    Flask says of an answer for which the session was looked at that it varies by the cookie.
    """

    def _update_remember_cookie(self, response: Response) -> Response:
        return response


def method_required(
    *methods: str,
) -> Callable[[Callable[[], ResponseReturnValue]], Callable[[], ResponseReturnValue]]:
    """Only where PEOPLE_SIGN_IN has one of these; elsewhere it is no address of ours."""

    def decorate(view: Callable[[], ResponseReturnValue]) -> Callable[[], ResponseReturnValue]:
        @wraps(view)
        def guarded() -> ResponseReturnValue:
            if not set(methods) & set(get_settings().sign_in):
                abort(404)
            return view()

        return guarded

    return decorate


@method_required(*OWN_SIGN_INS)
def sign_in() -> ResponseReturnValue:
    """The form; and where Kerberos is a way, the question for a ticket, whose page it is as well.

    So whoever has none sees nothing of the question.
    """
    if viewer_or_none():
        return redirect(_next())
    if "spnego" not in get_settings().sign_in or wants_partial():
        return _page()
    if said := tickets.offered():
        return _by_ticket(said)
    if tickets.is_to_be_asked():
        return _page(), 401, {"WWW-Authenticate": CHALLENGE}
    return _page()


@method_required("spnego")
def ask_for_ticket() -> ResponseReturnValue:
    """The question once more, for whoever chooses to."""
    tickets.forget()
    return redirect(url_for(".sign_in", next=_next()))


@method_required("ldap")
def check_password() -> ResponseReturnValue:
    name, password = request.form.get("name", ""), request.form.get("password", "")
    here = get_state()
    pause = timedelta(minutes=here.settings.sign_in_pause)
    throttle = Throttle(db_session(), here.app.secret_key or "", here.settings.sign_in_tries, pause)
    try:
        person = _person(name, password, throttle)
    except Throttled as e:
        log.warning("Sign-in paused: %s", e)
        return *_again(name, PAUSED, 429), {"Retry-After": str(int(pause.total_seconds()))}
    except SignInRefused as e:
        # Without the name: the log is kept longer than it should know who tried.
        log.warning("Sign-in refused: %s", e)
        if e.why in (policy.EXPIRED, policy.MUST_CHANGE):
            throttle.was_right()
        return _again(name, WORDS.get(e.why, REFUSED), 403)
    except NotInGroup as e:
        throttle.was_right()
        log.warning("Sign-in refused: %s", e)
        return _again(name, NO_GROUP, 403)
    except NotSyncedYet:
        throttle.was_right()
        log.warning("Sign-in of somebody whom the sync that is running has not brought yet.")
        return _again(name, NOT_YET, 403)
    except DirectoryError as e:
        throttle.was_none()
        log.error("Nobody can sign in: %s", e)
        return _again(name, DOWN, 503)
    throttle.was_right()
    return _begin(person)


@method_required(*OWN_SIGN_INS)
def sign_out() -> ResponseReturnValue:
    logout_user()
    _forget()
    if "spnego" in get_settings().sign_in:
        tickets.sign_out()
    return redirect(url_for(".sign_in"), 303)


def _by_ticket(said: str) -> ResponseReturnValue:
    """Without another challenge where it fails: that would open a window, or go in a circle."""
    try:
        person, ticket = tickets.take(said)
    except tickets.SignInFailed as e:
        return _page(ticket_problem=e.words), e.status
    except NotSyncedYet:
        return _page(ticket_problem=NOT_YET), 403
    return _begin(person), {"WWW-Authenticate": ticket.challenge}


def _begin(person: Person) -> Response:
    """A new session: nothing of ours that somebody planted in the old one is carried over."""
    _forget()
    login_user(SignedIn(person.directory_id))
    return redirect(_next(), 303)


def _forget() -> None:
    """What is ours in the session, the token of forms too; what a host keeps there stays.

    Where sessions are kept on a server, under a number, they get another one.
    """
    for name in (*OURS, current_app.config.get("WTF_CSRF_FIELD_NAME", "csrf_token")):
        cookie.pop(name, None)
    if regenerate := getattr(current_app.session_interface, "regenerate", None):
        regenerate(cookie)


def _person(name: str, password: str, throttle: Throttle) -> Person:
    """Who that is; raises what `authenticate` does."""
    here, s = get_state(), get_settings()
    throttle.of_address(request.remote_addr)
    typed = without_realm(name.strip(), s.sso_strip_realm)
    how = (typed, password, throttle, s.sign_in_attributes, s.sign_in_groups, name)
    try:
        return authenticate(db_session(), here.directory, here.schema, *how)
    except NotSyncedYet as e:
        return _newcomer(typed, e.directory_id)


def _newcomer(name: str, directory_id: str) -> Person:
    """Raises NotSyncedYet while a sync runs, SignInRefused where the account is not active."""
    report = read_in(name, get_settings().sign_in_attributes)
    if report is None:
        raise NotSyncedYet(directory_id)
    person = person_of(db_session(), directory_id)
    if person is None:
        raise SignInRefused("the account is not active, or the entry is no person")
    return person


def _again(name: str, problem: str, status: int) -> tuple[str, int]:
    return _page(name, problem), status


def _page(name: str = "", problem: str = "", ticket_problem: str = "") -> str:
    ways = get_settings().sign_in
    return render(
        "signin/sign_in.html",
        next=_next(),
        name=name,
        problem=gettext(problem) if problem else "",
        ticket_problem=gettext(ticket_problem) if ticket_problem else "",
        has_form="ldap" in ways,
        has_tickets="spnego" in ways,
        is_signed_out=tickets.is_signed_out(),
    )


def _next() -> str:
    return safe_path(request.values.get("next")) or url_for(f"{NAME}.home")
