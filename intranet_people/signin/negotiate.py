"""Signing in by a Kerberos ticket: when the browser is asked for it, and whose it is.

It is asked once: where it has none, some browsers open a window of their own. A ticket is no form
that another site could send: it only ever signs in whose browser it is.
"""

from __future__ import annotations

import logging
import re

from flask import request
from flask import session as cookie

from ..db.session import db_session
from ..i18n.marks import N_
from ..ldap.connection import DirectoryError
from ..people.login_name import LoginName
from ..people.person import Person, by_handle, is_name_of_several
from ..settings.settings import Settings, SettingsError
from ..state import get_settings, get_state
from ..sync.newcomer import entries_of
from ..web.guard import not_listed
from .bind import NO_GROUP, NotInGroup, NotSyncedYet, admitted, needed, person_of
from .newcomers import NEW_AND_DOWN, read_in
from .session import ASKED_FOR_TICKET
from .spnego import CHALLENGE, NoKeytab, Spnego, Ticket, TicketRefused

log = logging.getLogger(__name__)
ASKED, SIGNED_OUT = "asked", "signed out"
NUMBERED = re.compile(r"~\d+$")
"""A login name that a sync made up, which the directory does not have."""

REFUSED = N_(
    "Your computer's account did not work here just now. Lock and unlock your computer to renew"
    " it, then try again."
)
DOWN = N_("Signing in with your computer's account does not work here just now. We have been told.")


class SignInFailed(Exception):
    """The ticket signs nobody in. `words` are for the person, `status` is for the page."""

    def __init__(self, words: str, status: int) -> None:
        super().__init__(words)
        self.words, self.status = words, status


def check(s: Settings) -> None:
    """Called when the app starts. Raises SettingsError if the package is missing."""
    try:
        spnego_of(s).check()
    except ImportError as e:
        raise SettingsError(
            "PEOPLE_SIGN_IN has spnego, which needs the package gssapi:"
            f" pip install 'intranet-people[sso]' ({e})."
        ) from None
    except NoKeytab as e:
        _warn(e)


def spnego_of(s: Settings) -> Spnego:
    return Spnego(s.spnego_keytab, s.sso_strip_realm)


def offered_ticket() -> str | None:
    """The ticket in the Authorization header, unless the person has signed out here.

    Any other Authorization header is not for us, but for a server in front, for instance.
    """
    said = request.headers.get("Authorization", "")
    is_ticket = said.partition(" ")[0].lower() == CHALLENGE.lower()
    return said if is_ticket and not is_signed_out() else None


def is_to_be_asked() -> bool:
    """Whether to ask the browser for a ticket now. It is asked once in a session."""
    if ASKED_FOR_TICKET in cookie:
        return False
    cookie[ASKED_FOR_TICKET] = ASKED
    return True


def is_signed_out() -> bool:
    return bool(cookie.get(ASKED_FOR_TICKET) == SIGNED_OUT)


def sign_out() -> None:
    """After signing out, people are not signed in again by their browser."""
    cookie[ASKED_FOR_TICKET] = SIGNED_OUT


def forget() -> None:
    """Ask the browser for a ticket again."""
    cookie.pop(ASKED_FOR_TICKET, None)


def accept_ticket(said: str) -> tuple[Person, Ticket]:
    """The person of the ticket. Raises SignInFailed."""
    cookie[ASKED_FOR_TICKET] = ASKED
    try:
        ticket = spnego_of(get_settings()).accept(said)
    except TicketRefused as e:
        log.warning("Sign-in by Kerberos refused: %s.", e)
        raise SignInFailed(REFUSED, 401) from None
    except NoKeytab as e:
        _warn(e)
        raise SignInFailed(DOWN, 503) from None
    return _person(ticket.name), ticket


def _person(name: str) -> Person:
    """By the directory's id, as the login name may be somebody else's now."""
    here = get_state()
    try:
        entries = entries_of(here.directory, here.schema, name, needed(here.schema))
        if len(entries) != 1:
            log.warning("Sign-in by Kerberos of somebody who is not a person in the directory.")
            raise SignInFailed(not_listed(name), 403)
        return admitted(here, entries[0])
    except NotInGroup as e:
        log.warning("Sign-in by Kerberos refused: %s", e)
        raise SignInFailed(NO_GROUP, 403) from None
    except NotSyncedYet as e:
        return _newcomer(name, e.directory_id)
    except DirectoryError as e:
        return _while_it_is_down(name, e)


def _newcomer(name: str, directory_id: str) -> Person:
    try:
        read_in(LoginName(name))
    except DirectoryError as e:
        return _while_it_is_down(name, e)
    person = person_of(db_session(), directory_id)
    if person is None:
        log.warning("Sign-in by Kerberos of somebody who is not an active person in the directory.")
        raise SignInFailed(not_listed(name), 403)
    return person


def _while_it_is_down(name: str, e: DirectoryError) -> Person:
    """A ticket is proof enough of whom we know, where no group has to be asked.

    Not where several people of the directory have the login name: the ticket may be any of theirs.
    """
    person = by_handle(db_session(), name)
    is_several = NUMBERED.search(name) or is_name_of_several(db_session(), name)
    is_enough = not get_settings().sign_in_groups and not is_several
    if person and person.is_active and is_enough:
        return person
    log.error("New people cannot sign in by Kerberos, because the directory cannot be asked: %s", e)
    raise SignInFailed(DOWN if person else NEW_AND_DOWN, 503) from None


def _warn(e: NoKeytab) -> None:
    log.error(
        "Nobody can sign in by Kerberos: %s. PEOPLE_SPNEGO_KEYTAB has to name a keytab with the"
        " keys of HTTP/THE-NAME-OF-THIS-SITE that the user of this process can read.",
        e,
    )
