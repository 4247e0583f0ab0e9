"""What every view shares: who looks, how to answer, what a browser is told."""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, cast
from urllib.parse import quote, urlsplit

from blinker import NamedSignal
from flask import Response, abort, current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, generate_csrf, validate_csrf
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, TimeoutError
from sqlalchemy.orm import Session
from werkzeug.exceptions import Forbidden
from wtforms import ValidationError

from ..db.revisions import check_revision
from ..i18n import words
from ..i18n.words import N_
from ..people.person import Person, Who, by_handle, is_mail_of_several, who_has_handle, who_has_mail
from ..settings.host import Mail, Settings, SettingsError
from ..state import NAME, plugin, tell

log = logging.getLogger(__name__)
P = ParamSpec("P")
NOT_LISTED = N_(
    "You are signed in as %(name)s, and the people here do not list you yet. Perhaps the directory"
    " has you under another name; whoever looks after it knows."
)
TWO = N_(
    "You are signed in as %(mail)s, and more than one person here has that mail address. So it is"
    " not known which of them you are; whoever looks after the directory can mend it."
)
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)


class NotListed(Forbidden):
    """Somebody who is signed in, and is none of the people here."""


def not_listed(name: str) -> str:
    return words.gettext(NOT_LISTED, name=name)


def settings() -> Settings:
    return plugin().settings


def session() -> Session:
    """The host's database session, of this request."""
    return plugin().session


def check_tables() -> None:
    """That they are those of this version: asked until they are, and then never again.

    Raises OtherVersion.
    """
    here = plugin()
    if not here.has_tables:
        check_revision(here.session)
        here.has_tables = True


def viewer_or_none() -> Person | None:
    """The signed-in person, where the directory knows them and they have not left."""
    name = _viewer_name()
    if not _is_known(name):
        query = select(Person).where(Person.id == _who(name)) if name else None
        g._people_viewer = {name: None if query is None else session().scalar(query)}
    return cast("Person | None", g._people_viewer[name])


def who() -> Who | None:
    """The signed-in person within a question that is about more, so that it is the only one.

    Whoever asks it tells the answer to `know_viewer`.
    """
    name = _viewer_name()
    if name is None:
        return None
    if _is_known(name):
        return g._people_viewer[name].id if g._people_viewer[name] else None
    return _who(name)


def know_viewer(person: Person | None) -> None:
    """For the rest of the request, as long as the host names the same."""
    g._people_viewer = {_viewer_name(): person}


def _is_known(name: str | None) -> bool:
    """Whether this request asked already; a host may have put its session away since."""
    known = g.setdefault("_people_viewer", {})
    return name in known and (known[name] is None or known[name] in session())


def _who(name: str) -> Who:
    return who_has_mail(name) if isinstance(name, Mail) else who_has_handle(name)


def as_to_a_stranger() -> None:
    """From here on the request is nobody's: where the database cannot say who it is."""
    g._people_stranger = True


def _viewer_name() -> str | None:
    """What the host's `viewer` says, where it can be a login name."""
    if g.get("_people_stranger"):
        return None
    try:
        name = plugin().viewer()
    except (DBAPIError, TimeoutError):
        raise  # the database has a page of its own: who it is will be known again
    except Exception:
        log.exception("The viewer of IntranetPeople failed, so nobody is signed in.")
        as_to_a_stranger()
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


def found(handle: str) -> Person:
    """The person of that handle; 404 where there is none."""
    # PostgreSQL keeps no NUL, and cannot be asked for one.
    person = None if "\0" in handle else by_handle(session(), handle)
    return person or abort(404)


def sign_in_required(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Only for people who are signed in; others are asked to."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if viewer_or_none() is not None or _is_newcomer():
            return view(*args, **kwargs)
        return _ask_to_sign_in()

    return guarded


def _is_newcomer() -> bool:
    """Whether the signed-in person was just now found in the directory. Raises NotListed."""
    name = _viewer_name()
    if not name:
        return False
    plugin().bring_in(name)
    # Also where it was another request of theirs that brought them.
    g.pop("_people_viewer", None)
    return viewer_or_none() is not None


def _ask_to_sign_in() -> ResponseReturnValue:
    """Our own form, the host's, or a plain no."""
    if name := _viewer_name():
        # Signed in already: to ask again would lead round in a circle.
        is_two = isinstance(name, Mail) and is_mail_of_several(session(), name)
        raise NotListed(words.gettext(TWO, mail=name) if is_two else not_listed(name))
    manager = getattr(current_app, "login_manager", None)
    if not wants_partial() and request.method == "GET":
        if settings().own_sign_ins:
            return redirect(url_for(f"{NAME}.signin.sign_in", next=here()))
        if url := settings().sign_in_url:
            return redirect(f"{url}{'&' if '?' in url else '?'}next={quote(here())}")
        if manager is not None:
            return cast(ResponseReturnValue, manager.unauthorized())
    return abort(401)


def here() -> str:
    """The address of this page as a path of the site, also where the app is mounted below one."""
    path = quote(request.script_root + request.path, safe="/@:~!$&'()*+,;=")
    query = quote(request.query_string, safe="/@:~!$&'()*+,;=?%")
    return f"{path}?{query}" if query else path


def announce(signal: NamedSignal, **facts: Any) -> None:
    """Send a signal from the current app: what is done is done, whatever a receiver does."""
    if current_app:
        tell(signal, **facts)
    else:
        signal.send(None, **facts)


def wants_partial() -> bool:
    """Whether htmx asks for a fragment; a link that it boosts, or a page it restores, is whole."""
    whole = ("HX-Boosted", "HX-History-Restore-Request")
    return "HX-Request" in request.headers and not any(h in request.headers for h in whole)


def render(page: str, partial: str | None = None, **values: Any) -> str:
    """The whole page, or for htmx the one fragment of it that was asked for."""
    if partial and wants_partial():
        return fragment(partial, **values)
    html = fragment(page, **values)
    s = settings()
    if s.base_template and 'class="ip-page"' not in html:
        # Of a layout that is only known with a request; others are looked at when the app starts.
        raise SettingsError(
            f"The layout {s.base_template} has no block {s.content_block!r}:"
            " set PEOPLE_CONTENT_BLOCK to the block that our pages shall fill."
        )
    return html


def fragment(template: str, **values: Any) -> str:
    """A template of ours, with named values; `intranet` is what all of them know."""
    return render_template(f"{NAME}/{template}", intranet=plugin().page, **values)


def render_action(partial: str, **values: Any) -> ResponseReturnValue:
    """After a change: the fragment that shows it, or without htmx the page one came from."""
    if wants_partial():
        # A fragment keeps where it stands, so that its ids stay the same.
        values.setdefault("place", request.form.get("place", "page"))
        return fragment(partial, **values)
    return redirect(safe_path(request.form.get("next")) or url_for(f"{NAME}.directory.people"), 303)


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
    """Refuse changes without our token, where no CSRFProtect of the host has checked it."""
    is_checked = g.get("csrf_valid") or not current_app.config.get("WTF_CSRF_ENABLED", True)
    if request.method in ("GET", "HEAD", "OPTIONS") or is_checked:
        return
    name = current_app.config.get("WTF_CSRF_FIELD_NAME", "csrf_token")
    try:
        # As long as the session: a page may stay open over lunch.
        validate_csrf(request.form.get(name), time_limit=10**9)
    except ValidationError as e:
        raise CSRFError(str(e)) from None


def csrf_field() -> dict[str, str]:
    """The name and value of the hidden input that every form of ours carries."""
    if "_people_csrf" not in g:
        name = current_app.config.get("WTF_CSRF_FIELD_NAME", "csrf_token")
        g._people_csrf = {"name": name, "value": generate_csrf()}
    return cast("dict[str, str]", g._people_csrf)


def before_page() -> None:
    """Of ours; a file needs no tables, and the page that says what is wrong needs files."""
    if not (request.endpoint or "").endswith(".static"):
        check_tables()


def set_headers(response: Response) -> Response:
    """For our pages alone: what they may load, and that nobody keeps a personal page."""
    headers = response.headers
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("X-Frame-Options", "SAMEORIGIN")
    if request.endpoint and request.endpoint.endswith(".static"):
        return response
    response.vary.update(("HX-Request", "HX-Boosted"))
    if response.mimetype == "text/html" and words.is_the_browsers_choice():
        response.vary.add("Accept-Language")
    if not response.cache_control:
        response.cache_control.no_store = True
    if not settings().base_template:
        # In a host's layout the host's own policy holds.
        headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    return response
