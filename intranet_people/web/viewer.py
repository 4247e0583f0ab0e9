"""The signed-in person."""

from __future__ import annotations

import logging
import unicodedata
from typing import cast

from flask import abort, g
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, TimeoutError

from ..db.session import db_session
from ..people.person import Person, Who, who_has_handle, who_has_mail
from ..state import Mail, get_state

log = logging.getLogger(__name__)


def viewer_or_none() -> Person | None:
    """The signed-in person, where the directory knows them and they have not left."""
    name = viewer_name()
    if not _is_known(name):
        query = select(Person).where(Person.id == _who(name)) if name else None
        g._people_viewer = {name: None if query is None else db_session().scalar(query)}
    return cast("Person | None", g._people_viewer[name])


def who() -> Who | None:
    """The signed-in person within a question that is about more, so that it is the only one.

    Whoever asks it tells the answer to `know_viewer`.
    """
    name = viewer_name()
    if name is None:
        return None
    if _is_known(name):
        return g._people_viewer[name].id if g._people_viewer[name] else None
    return _who(name)


def know_viewer(person: Person | None) -> None:
    """For the rest of the request, as long as the host names the same."""
    g._people_viewer = {viewer_name(): person}


def _is_known(name: str | None) -> bool:
    """Whether this request asked already; a host may have put its session away since."""
    known = g.setdefault("_people_viewer", {})
    return name in known and (known[name] is None or known[name] in db_session())


def _who(name: str) -> Who:
    return who_has_mail(name) if isinstance(name, Mail) else who_has_handle(name)


def treat_as_anonymous() -> None:
    """From here on the request is nobody's: where the database cannot say who it is."""
    g._people_anonymous = True


def viewer_name() -> str | None:
    """What the host's `viewer` says, where it can be a login name."""
    if g.get("_people_anonymous"):
        return None
    try:
        name = get_state().viewer()
    except (DBAPIError, TimeoutError):
        raise  # the database has a page of its own: who it is will be known again
    except Exception:
        log.exception("The viewer of IntranetPeople failed, so nobody is signed in.")
        treat_as_anonymous()
        return None
    if name is None or name == "":
        return None
    # Signs that merely look like letters, as the Kelvin sign for K, are nobody's name.
    if isinstance(name, str) and "\0" not in name and unicodedata.is_normalized("NFKC", name):
        plain = name.strip(" \t\r\n")  # other blanks make it another name
        return Mail(plain) if plain and isinstance(name, Mail) else plain or None
    log.warning("The viewer of IntranetPeople returned %r, which is no login name.", name)
    return None


def viewer() -> Person:
    """The signed-in person, behind `sign_in_required`."""
    person = viewer_or_none()
    if person is None:
        abort(403)
    return person
