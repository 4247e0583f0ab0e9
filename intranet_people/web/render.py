"""Rendering: a whole page, a fragment of it, and the answer to an action."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ..settings.settings import SettingsError
from ..state import NAME, get_settings, get_state
from .security import safe_path


def current_path() -> str:
    """The path of this request on the site, including a path that the app is mounted under."""
    path = quote(request.script_root + request.path, safe="/@:~!$&'()*+,;=")
    query = quote(request.query_string, safe="/@:~!$&'()*+,;=?%")
    return f"{path}?{query}" if query else path


def wants_partial() -> bool:
    """Whether htmx asks for a fragment. Boosted links and restored history get the whole page."""
    whole = ("HX-Boosted", "HX-History-Restore-Request")
    return "HX-Request" in request.headers and not any(h in request.headers for h in whole)


def render(page: str, partial: str | None = None, **values: Any) -> str:
    """The whole page or, for htmx, the fragment of it that was asked for."""
    if partial and wants_partial():
        return fragment(partial, **values)
    html = fragment(page, **values)
    s = get_settings()
    if s.base_template and 'class="ip-page"' not in html:
        # A layout that is chosen per request cannot be checked when the app starts.
        raise SettingsError(
            f"The layout {s.base_template} has no block {s.content_block!r}:"
            " set PEOPLE_CONTENT_BLOCK to the block that our pages shall fill."
        )
    return html


def fragment(template: str, **values: Any) -> str:
    """Render one of our templates with named values, and `intranet`, which all of them get."""
    return render_template(f"{NAME}/{template}", intranet=get_state().context, **values)


def render_action(partial: str, *, at: str = "", **values: Any) -> ResponseReturnValue:
    """After a change: the fragment that shows it or, without htmx, a redirect back.

    `at` is where on the page: the end of the id of an element, behind the placement.
    """
    placement = request.form.get("placement", "")[:40]
    if wants_partial():
        # The fragment keeps its placement, so that its element ids stay the same.
        values.setdefault("placement", placement or "page")
        return fragment(partial, **values)
    target = safe_path(request.form.get("next")) or url_for(f"{NAME}.home")
    return redirect(f"{target}#ip-{quote(placement)}-{at}" if at and placement else target, 303)
