"""The smallest possible host: settings from the environment, and a redirect to our first page."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from flask import Flask, redirect, request, url_for
from flask.sessions import SecureCookieSessionInterface
from flask.typing import ResponseReturnValue

from .extension import IntranetPeople
from .settings.read import typed
from .settings.settings import Settings, SettingsError, default_of, key
from .web.security import set_headers_of_no_page

KEYS = ("SECRET_KEY", "SQLALCHEMY_DATABASE_URI")
SECURE = "SESSION_COOKIE_SECURE"
TEXTS = {key(f.name) for f in fields(Settings) if isinstance(default_of(f), str)}


class Sessions(SecureCookieSessionInterface):
    """A cookie that was given over https goes over nothing else."""

    def get_cookie_secure(self, app: Flask) -> bool:
        return bool(app.config[SECURE]) or request.is_secure


def create_app(environ: Mapping[str, str] = os.environ, **config: Any) -> Flask:
    """The app, by what `environ` says and then `config`. Raises SettingsError."""
    app = Flask("intranet_people_standalone", static_folder=None)
    app.session_interface = Sessions()
    app.config.update(
        PEOPLE_SIGN_IN=["ldap"],
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_HTTPONLY=True,
        MAX_CONTENT_LENGTH=1_000_000,
    )
    app.config.update(_from_file(environ.get("PEOPLE_CONFIG_FILE")))
    app.config.update(_from_environment(environ))
    app.config.update(config)
    IntranetPeople(app)
    app.after_request(set_headers_of_no_page)

    @app.get("/")
    def home() -> ResponseReturnValue:
        return redirect(url_for("intranet_people.home"))

    return app


def _from_file(path: str | None) -> dict[str, Any]:
    if not path:
        return {}
    try:
        with Path(path).open("rb") as file:
            return tomllib.load(file)
    except OSError as e:
        raise SettingsError(f"PEOPLE_CONFIG_FILE {path}: {e.strerror}") from None
    except tomllib.TOMLDecodeError as e:
        raise SettingsError(f"PEOPLE_CONFIG_FILE {path} is no TOML: {e}") from None


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    found = {k: _value(k, v) for k, v in environ.items() if k.startswith("PEOPLE_")}
    found |= {k: environ[k] for k in KEYS if k in environ}
    if "DATABASE_URL" in environ:
        found.setdefault("SQLALCHEMY_DATABASE_URI", _with_driver(environ["DATABASE_URL"]))
    if SECURE in environ:
        try:
            found[SECURE] = typed(environ[SECURE], False)
        except TypeError as e:
            raise SettingsError(f"{SECURE} must be {e}.") from None
    return found


def _with_driver(url: str) -> str:
    """As containers are given it, without one: SQLAlchemy would look for psycopg2, or for none."""
    scheme, separator, rest = url.partition("://")
    is_bare = scheme in ("postgres", "postgresql")
    return f"postgresql+psycopg://{rest}" if is_bare else scheme + separator + rest


def _value(name: str, text: str) -> Any:
    """JSON where it parses; a text that is a number in JSON stays as it is written."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return text if name in TEXTS and not isinstance(value, str) else value
