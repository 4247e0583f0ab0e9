"""The ways to sign in that an app has, in its order: the first that names somebody counts."""

from __future__ import annotations

from flask import request

from ..settings.settings import OWN_SIGN_INS, Settings
from ..state import Mail, Viewer
from . import tickets
from .header import Header, networks
from .host import flask_login_mail, flask_login_viewer
from .views import session_viewer


def viewers_of(settings: Settings, host: Viewer) -> list[Viewer]:
    """One for each method of PEOPLE_SIGN_IN, in order; `host` is what the host says.

    Raises SettingsError where a way lacks its package.
    """
    ways: dict[str, Viewer] = {"host": host} | dict.fromkeys(OWN_SIGN_INS, session_viewer)
    if "spnego" in settings.sign_in:
        tickets.check(settings)
    if "header" in settings.sign_in:
        header = header_of(settings)
        ways["header"] = lambda: header.viewer(request.environ)
    if settings.sign_in_match == "mail":
        if host is flask_login_viewer:
            ways["host"] = flask_login_mail
        ways |= {way: _by_mail(ways[way]) for way in ("host", "header") if way in ways}
    return [ways[way] for way in settings.sign_in]


def _by_mail(way: Viewer) -> Viewer:
    def viewer() -> str | None:
        name = way()
        return Mail(name) if isinstance(name, str) and name else name

    return viewer


def header_of(s: Settings) -> Header:
    trusted, is_socket_trusted = networks(s.sso_trusted_proxies)
    # Of a mail address, what is behind the @ is no realm.
    realms = () if s.sign_in_match == "mail" else s.sso_strip_realm
    return Header(s.sso_header, trusted, is_socket_trusted, realms)
