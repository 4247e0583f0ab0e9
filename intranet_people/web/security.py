"""Response headers, the CSRF token, and safe redirect targets."""

from __future__ import annotations

from typing import cast
from urllib.parse import urlsplit

from flask import Response, current_app, g, request
from flask_wtf.csrf import CSRFError, generate_csrf, validate_csrf
from wtforms import ValidationError

from ..i18n import language
from ..state import get_settings
from . import static_files

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)


def safe_path(target: str | None) -> str | None:
    """`target` where it is a path on this site for every browser, else None.

    Browsers drop tabs and newlines and read a backslash as a slash, so that `/\\t/evil`
    and `/\\evil` are other sites.
    """
    if not target or not target.startswith("/") or target.startswith("//"):
        return None
    if "\\" in target or any(ord(c) < 33 or ord(c) == 127 for c in target):
        return None
    parts = urlsplit(target)
    return None if parts.scheme or parts.netloc else target


def check_csrf() -> None:
    """Refuse a change without our token, unless the host's CSRFProtect has checked it already."""
    is_checked = g.get("csrf_valid") or not current_app.config.get("WTF_CSRF_ENABLED", True)
    if request.method in ("GET", "HEAD", "OPTIONS") or is_checked:
        return
    name = current_app.config.get("WTF_CSRF_FIELD_NAME", "csrf_token")
    try:
        # Valid as long as the session: a page may stay open over lunch.
        validate_csrf(request.form.get(name), time_limit=10**9)
    except ValidationError as e:
        raise CSRFError(str(e)) from None


def csrf_field() -> dict[str, str]:
    """The name and value of the hidden input that every form of ours carries."""
    if "_people_csrf" not in g:
        name = current_app.config.get("WTF_CSRF_FIELD_NAME", "csrf_token")
        g._people_csrf = {"name": name, "value": generate_csrf()}
    return cast("dict[str, str]", g._people_csrf)


def set_headers(response: Response) -> Response:
    """Headers of our own responses: content policy, and no caching of personal pages."""
    headers = response.headers
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("X-Frame-Options", "SAMEORIGIN")
    if static_files.is_below():
        if not static_files.is_found():
            _keep_nowhere(response)
            headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        return response
    response.vary.update(("HX-Request", "HX-Boosted"))
    if response.mimetype == "text/html" and language.is_the_browsers_choice():
        response.vary.add("Accept-Language")
    _keep_nowhere(response)
    if not get_settings().base_template:
        # Within a host's layout, the host's own policy applies.
        headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    return response


def set_headers_of_no_page(response: Response) -> Response:
    """Headers of redirects and errors of routing itself, as for a missing slash.

    Only for the stand-alone app; in a host these responses are the host's.
    """
    if not request.blueprints:
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        _keep_nowhere(response)
    return response


def _keep_nowhere(response: Response) -> None:
    if not response.cache_control:
        response.cache_control.no_store = True
