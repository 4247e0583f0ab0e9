"""The sign-in page, signing in by password or ticket, and signing out."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import wraps

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from ..db.session import db_session
from ..i18n.marks import N_
from ..i18n.texts import gettext
from ..ldap import password_policy as policy
from ..ldap.connection import DirectoryError
from ..people.login_name import LoginName, NoLoginName
from ..people.person import Person
from ..state import NAME, SignInMethod, get_settings, get_state
from ..web.render import render, wants_partial
from ..web.security import safe_path
from ..web.viewer import viewer_or_none
from . import negotiate
from .bind import NO_GROUP, NotInGroup, NotSyncedYet, SignInRefused, authenticate, person_of
from .methods import Kerberos, PasswordForm, find_method
from .newcomers import read_in
from .session import begin_session, end_session
from .spnego import CHALLENGE
from .throttle import Throttle, Throttled

log = logging.getLogger(__name__)

REFUSED = N_("That name and password don't match.")
LEFT = (
    N_("The next try is after a short pause."),
    N_("One more try before a short pause."),
    N_("Two more tries before a short pause."),
    N_("Three more tries before a short pause."),
)
DOWN = N_(
    "The directory is not answering, so nobody can sign in just now. If you are signed in"
    " already, you can continue."
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
PAUSED = N_("Too many attempts. Please wait a few minutes, then try again.")


def add_routes(bp: Blueprint) -> None:
    bp.get("/sign-in")(sign_in)
    bp.get("/sign-in/ask")(ask_for_ticket)
    bp.post("/sign-in")(check_password)
    bp.post("/sign-out")(sign_out)


def method_required(
    *kinds: type[SignInMethod],
) -> Callable[[Callable[[], ResponseReturnValue]], Callable[[], ResponseReturnValue]]:
    """The view exists only if the app has one of these methods; otherwise it is 404."""

    def decorate(view: Callable[[], ResponseReturnValue]) -> Callable[[], ResponseReturnValue]:
        @wraps(view)
        def guarded() -> ResponseReturnValue:
            return view() if any(map(find_method, kinds)) else abort(404)

        return guarded

    return decorate


@method_required(PasswordForm, Kerberos)
def sign_in() -> ResponseReturnValue:
    """The form. With Kerberos its response also asks the browser for a ticket.

    So somebody without a ticket sees just the form.
    """
    if viewer_or_none():
        return redirect(_next())
    if not find_method(Kerberos) or wants_partial():
        return _page()
    if said := negotiate.offered_ticket():
        return _by_ticket(said)
    if negotiate.is_to_be_asked():
        return _page(), 401, {"WWW-Authenticate": CHALLENGE}
    return _page()


@method_required(Kerberos)
def ask_for_ticket() -> ResponseReturnValue:
    """Ask the browser for a ticket again, because the person chose to."""
    negotiate.forget()
    return redirect(url_for(".sign_in", next=_next()))


@method_required(PasswordForm)
def check_password() -> ResponseReturnValue:
    name, password = request.form.get("name", ""), request.form.get("password", "")
    here = get_state()
    pause = timedelta(minutes=here.settings.sign_in_pause)
    throttle = Throttle(db_session(), here.app.secret_key or "", here.settings.sign_in_tries, pause)
    try:
        person = _person(name, password, throttle)
    except Throttled as e:
        log.warning("Sign-in paused: %s", e)
        return *_again(name, gettext(PAUSED), 429), {"Retry-After": str(int(pause.total_seconds()))}
    except SignInRefused as e:
        # Without the name, as logs are kept for long.
        log.warning("Sign-in refused: %s", e)
        if e.why in (policy.EXPIRED, policy.MUST_CHANGE):
            throttle.was_right()
        problem = gettext(WORDS[e.why]) if e.why in WORDS else _mismatch(throttle.left)
        return _again(name, problem, 403)
    except NotInGroup as e:
        throttle.was_right()
        log.warning("Sign-in refused: %s", e)
        return _again(name, gettext(NO_GROUP), 403)
    except DirectoryError as e:
        throttle.was_none()
        log.error("Nobody can sign in: %s", e)
        return _again(name, gettext(DOWN), 503)
    throttle.was_right()
    return _begin(person)


@method_required(PasswordForm, Kerberos)
def sign_out() -> ResponseReturnValue:
    end_session()
    if find_method(Kerberos):
        negotiate.sign_out()
    return redirect(url_for(".sign_in", signed_out=1), 303)


def _by_ticket(said: str) -> ResponseReturnValue:
    """If it fails, do not ask again: the browser would show a dialog, or try for ever."""
    try:
        person, ticket = negotiate.accept_ticket(said)
    except negotiate.SignInFailed as e:
        return _page(ticket_problem=e.words), e.status
    return _begin(person), {"WWW-Authenticate": ticket.challenge}


def _begin(person: Person) -> Response:
    begin_session(person)
    return redirect(_next(), 303)


def _person(name: str, password: str, throttle: Throttle) -> Person:
    """The person; raises the errors of `authenticate`."""
    throttle.of_address(request.remote_addr)
    realms = get_settings().sso_strip_realm
    try:
        # First as typed, as a mail address may end like a realm.
        names = [LoginName.typed(name), LoginName.typed(name, realms=realms)]
    except NoLoginName as e:
        raise SignInRefused(f"it is nobody's name: {e}") from None
    known = [n for n in names if n]
    try:
        return authenticate(get_state(), known, password, throttle)
    except NotSyncedYet as e:
        return _newcomer(known[-1], e.directory_id)


def _newcomer(name: LoginName, directory_id: str) -> Person:
    """Raises SignInRefused if the account is not active."""
    read_in(name, get_settings().sign_in_attributes)
    person = person_of(db_session(), directory_id)
    if person is None:
        raise SignInRefused("the account is not active, or the entry is not a person")
    return person


def _mismatch(left: int) -> str:
    """The same for a wrong password, a name that nobody has, and a disabled account."""
    said = (REFUSED, LEFT[left]) if left < len(LEFT) else (REFUSED,)
    return " ".join(map(gettext, said))


def _again(name: str, problem: str, status: int) -> tuple[str, int]:
    return _page(name, problem), status


def _page(name: str = "", problem: str = "", ticket_problem: str = "") -> str:
    return render(
        "signin/sign_in.html",
        next=_next(),
        name=name,
        problem=problem,
        ticket_problem=gettext(ticket_problem) if ticket_problem else "",
        has_form=find_method(PasswordForm) is not None,
        has_tickets=find_method(Kerberos) is not None,
        is_signed_out=negotiate.is_signed_out() or "signed_out" in request.args,
    )


def _next() -> str:
    return safe_path(request.values.get("next")) or url_for(f"{NAME}.home")
