"""The signed-in person, found once for each request."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast
from zoneinfo import ZoneInfo

from flask import abort, g, has_request_context, request
from flask_login import user_logged_in, user_logged_out
from sqlalchemy.exc import DBAPIError, TimeoutError

from ..db.session import db_session
from ..i18n.times import zone_of
from ..people.login_name import LoginName, NoLoginName
from ..people.named import find_named
from ..people.person import Person
from ..state import SignInMethod, get_settings, get_state

log = logging.getLogger(__name__)
_KEY = "intranet_people.viewer"


@dataclass
class _Answer:
    """The viewer's login name, and their row, as found in this request."""

    name: LoginName | None
    person: Person | None = None


class _Memory(dict[Any, _Answer]):
    """The answers of one request, for each app that takes part in it."""

    def __init__(self) -> None:
        self.names: dict[SignInMethod, LoginName | None] = {}
        """The answers of the methods that were asked."""
        self.is_signing_out = False

    def start_over(self, *, is_signing_out: bool = False) -> None:
        self.clear()
        self.names.clear()
        self.is_signing_out = is_signing_out


def viewer() -> Person:
    """The signed-in person, behind `sign_in_required`."""
    person = viewer_or_none()
    if person is None:
        abort(403)
    return person


def viewer_or_none() -> Person | None:
    """The signed-in person, if the directory has them and they have not left."""
    answer = _answer()
    # A host may put its session away within a request, and our person with it.
    if answer.person is not None and answer.person not in db_session():
        answer.person = _find(answer.name)
    return answer.person


def viewer_zone() -> ZoneInfo:
    """The viewer's time zone, or that of the settings."""
    person = viewer_or_none()
    return zone_of(person.time_zone if person else None, get_settings().time_zone)


def viewer_name() -> LoginName | None:
    """The login name of the signed-in person, even if the directory does not have them."""
    return _answer().name


def viewer_asked() -> LoginName | None:
    """The login name to ask for, in a query that needs nothing else of the viewer."""
    known = _memory().get(get_state())
    return known.name if known else next(_names(), None)


def look_again() -> None:
    """Forget the answer, because somebody was just read from the directory."""
    _memory().clear()


def _signed_in(*sender: object, **facts: object) -> None:
    _memory().start_over()


def _signed_out(*sender: object, **facts: object) -> None:
    """Flask-Login still names the user until all receivers of the signal were called."""
    _memory().start_over(is_signing_out=True)


user_logged_in.connect(_signed_in)
user_logged_out.connect(_signed_out)


def treat_as_anonymous() -> None:
    """Treat the rest of the request as nobody's, because the database cannot be asked."""
    _memory()[get_state()] = _Answer(None)


def _answer() -> _Answer:
    memory, state = _memory(), get_state()
    if state in memory:
        return memory[state]
    answer = _ask()
    if answer.name is None or not memory.is_signing_out:
        memory[state] = answer
    return answer


def _ask() -> _Answer:
    """The first sign-in method that names somebody counts. Our own session counts only until that
    person leaves."""
    for name in _names():
        person = _find(name)
        if person is not None or name.kind != "directory_id":
            return _Answer(name, person)
    return _Answer(None)


def _find(name: LoginName | None) -> Person | None:
    return None if name is None else find_named(db_session(), name)


def _memory() -> _Memory:
    keep = request.environ if has_request_context() else g.__dict__
    return cast("_Memory", keep.setdefault(_KEY, _Memory()))


def _names() -> Iterator[LoginName]:
    """The names from the sign-in methods, in their order."""
    memory = _memory()
    for method in get_state().methods:
        try:
            name = memory.names[method] if method in memory.names else method.viewer()
        except (DBAPIError, TimeoutError):
            raise  # an error of the database has a page of its own
        except NoLoginName as e:
            log.warning("Nobody is signed in: %s.", e)
            return
        except Exception:
            log.exception("The viewer of IntranetPeople failed, so nobody is signed in.")
            return
        if not memory.is_signing_out:
            memory.names[method] = name
        if name:
            yield name
