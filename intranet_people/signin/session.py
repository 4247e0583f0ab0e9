"""Our own sessions: the user in Flask-Login, from sign-in to sign-out."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask, Response, current_app
from flask import session as cookie
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from ..people.login_name import LoginName
from ..people.person import Person
from ..settings.settings import SettingsError
from ..web.viewer import viewer_or_none

ASKED_FOR_TICKET = "_people_ticket"
"""Session key: the browser was asked for a Kerberos ticket."""
# Session keys of Flask-Login (https://flask-login.readthedocs.io), and ours.
OURS = ("_user_id", "_fresh", "_id", ASKED_FOR_TICKET)


class SignedIn(UserMixin):  # type: ignore[misc]
    """The signed-in person for Flask-Login, by the immutable id."""

    def __init__(self, directory_id: str) -> None:
        self.id = directory_id

    @property
    def is_authenticated(self) -> bool:
        """Whether they have not left."""
        return self._person is not None

    @property
    def username(self) -> str | None:
        return self._person.handle if self._person else None

    @property
    def _person(self) -> Person | None:
        person = viewer_or_none()
        return person if person and person.directory_id == self.id else None


def session_viewer() -> LoginName | None:
    """The person in the session."""
    user = current_user._get_current_object() if current_user else None
    return LoginName(user.id, "directory_id") if isinstance(user, SignedIn) else None


def begin_session(person: Person) -> None:
    """Begin a new session. Nothing of ours is kept from the old one, which may be forged."""
    _forget()
    login_user(SignedIn(person.directory_id))


def end_session() -> None:
    logout_user()
    _forget()


def use_login_manager(app: Flask, ways: Sequence[str]) -> None:
    """Our own LoginManager, for an app without one. Raises SettingsError if there is one."""
    if hasattr(app, "login_manager"):
        raise SettingsError(
            f"PEOPLE_SIGN_IN has {' and '.join(ways)}, but this app signs people in by a"
            " LoginManager of its own, whose users ours are not: leave PEOPLE_SIGN_IN at host."
        )
    manager = Manager(app)
    # The query for the viewer checks whether they have left.
    manager.user_loader(SignedIn)


class Manager(LoginManager):  # type: ignore[misc]
    """Remembers nobody over a session's end, so that not every answer need look for it there.

    Flask says of an answer for which the session was looked at that it varies by the cookie.
    """

    def _update_remember_cookie(self, response: Response) -> Response:
        return response


def _forget() -> None:
    """What is ours in the session, the token of forms too; what a host keeps there stays.

    Where sessions are kept on a server, under a number, they get another one.
    """
    for name in (*OURS, current_app.config.get("WTF_CSRF_FIELD_NAME", "csrf_token")):
        cookie.pop(name, None)
    if regenerate := getattr(current_app.session_interface, "regenerate", None):
        regenerate(cookie)
