"""`host`: the host app signs people in, and says who they are."""

from __future__ import annotations

import logging
from functools import cache
from typing import cast

from flask import current_app

from ...people.login_name import Kind, LoginName, NoLoginName
from ...settings.settings import Settings
from ...state import Viewer

log = logging.getLogger(__name__)
NO_VIEWER = (
    "nobody can be signed in to Intranet People, as this app has no Flask-Login: pass viewer=...,"
    ' as IntranetPeople(app, viewer=lambda: session.get("login")).'
)


class Host:
    """By the host's `viewer` function, or by its Flask-Login."""

    def __init__(self, settings: Settings, viewer: Viewer) -> None:
        self.kind: Kind = "mail" if settings.sign_in_match == "mail" else "handle"
        by_mail = self.kind == "mail" and viewer is flask_login_viewer
        self._ask = flask_login_mail if by_mail else viewer

    def viewer(self) -> LoginName | None:
        said = self._ask()
        try:
            return LoginName.parse(said, kind=self.kind)
        except NoLoginName as e:
            what = f"the viewer of IntranetPeople returned {said!r}, which is no login name"
            raise NoLoginName(f"{what} ({e})") from None


def flask_login_viewer() -> str | None:
    """The default viewer: `username` of the signed-in user of the host's Flask-Login.

    Where a user has none, nobody is signed in here: the id of a host's user is no login name of
    the directory, and may be that of somebody else.
    """
    return _of_flask_login("username")


def flask_login_mail() -> str | None:
    """The same if people are matched by mail: `email` or `mail` of that user."""
    return _of_flask_login("email", "mail")


def _of_flask_login(*attributes: str) -> str | None:
    from flask_login import current_user

    if not hasattr(current_app, "login_manager"):
        _warn_of_no_viewer(current_app.name)
        return None
    if not current_user or not current_user.is_authenticated:
        return None
    name = next((n for a in attributes if (n := getattr(current_user, a, None))), None)
    if not name:
        _warn_of_no_name(type(current_user._get_current_object()).__name__, attributes)
        return None
    return cast(str, name)


@cache
def _warn_of_no_viewer(app: str) -> None:
    log.warning("%s: %s", app, NO_VIEWER)


@cache
def _warn_of_no_name(kind: str, attributes: tuple[str, ...]) -> None:
    """Log a warning once, not with every request."""
    log.warning(
        "%s has no `%s`, so nobody is signed in to Intranet People: pass viewer=..., which"
        " returns what PEOPLE_SIGN_IN_MATCH says people are known by.",
        kind,
        "` or `".join(attributes),
    )
