"""The extension: wires the rooms into a Flask app."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Flask, request, url_for
from flask_sqlalchemy import SQLAlchemy
from jinja2 import Template
from markupsafe import Markup
from werkzeug.exceptions import RequestEntityTooLarge

from .calendars.source import CalendarSource
from .commands import cli
from .db.upgrade import use_sqlite_well
from .follows import views as follows
from .hellos import views as hellos
from .hellos.hello import news
from .i18n import times, words
from .operations import views as operators
from .operations.status import is_operator
from .people.person import now
from .photos import views as photos
from .photos.formats import sniff
from .profiles import views as directory
from .search.query import matched
from .settings.host import Settings, Viewer, flask_login_viewer
from .signin import views as signin
from .signin.methods import viewer_of
from .signin.newcomers import Newcomers
from .state import NAME, Plugin
from .web import errors, web
from .widgets import views as widgets
from .widgets.widget import people_widget

HTMX = "vendor/htmx-4.0.1/htmx.min.js"
ROOMS = (directory, follows, hellos, operators, photos, signin, widgets)


class IntranetPeople:
    """Intranet People in a Flask app: `IntranetPeople(app)`, or `init_app(app)` later.

    Its pages are below `url_prefix`, by default /people. `viewer` returns the directory login
    name of the signed-in user, or None; the default asks Flask-Login. `calendars` are sources
    beside those of PEOPLE_CALENDARS. Raises SettingsError where a setting is missing or wrong.
    """

    def __init__(self, app: Flask | None = None, **options: Any) -> None:
        self.options = options
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask, **options: Any) -> None:
        """Move in. `options` are those of the constructor, and win over what was given there."""
        self._move_in(app, **self.options | options)

    def _move_in(
        self,
        app: Flask,
        *,
        url_prefix: str = "/people",
        viewer: Viewer = flask_login_viewer,
        calendars: Sequence[CalendarSource] = (),
    ) -> None:
        app.extensions[NAME] = plugin = Plugin(app, viewer, calendars)
        plugin.viewer = viewer_of(plugin.settings, viewer)
        plugin.sniff, plugin.bring_in = sniff, Newcomers()
        if "sqlalchemy" not in app.extensions:
            _own_database(app)
        if ways := plugin.settings.own_sign_ins:
            signin.use_login_manager(app, ways)
        app.register_blueprint(_blueprint(url_prefix), url_prefix=url_prefix)
        app.cli.add_command(cli)
        _add_to_templates(app, plugin)


def _blueprint(url_prefix: str) -> Blueprint:
    bp = Blueprint(NAME, __name__, template_folder="templates", static_folder="static")
    is_apart = bool(url_prefix.strip("/"))
    if not is_apart:
        # At the root, /static is the host's, and so is every address that there is not.
        bp.static_url_path = f"/{NAME}"
    bp.before_request(web.before_page)
    bp.before_request(web.check_csrf)
    bp.after_request(web.set_headers)
    errors.register(bp)
    for room in ROOMS:
        bp.register_blueprint(room.bp)
    if is_apart:
        bp.add_url_rule("/<path:nowhere>", view_func=directory.nothing)
    return bp


def _own_database(app: Flask) -> None:
    app.config.setdefault("SQLALCHEMY_DATABASE_URI", "sqlite:///people.db")
    # A connection that the server closed meanwhile is noticed before it is used.
    app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", {"pool_pre_ping": True})
    db = SQLAlchemy(app)
    with app.app_context():
        use_sqlite_well(db.engine)


def _add_to_templates(app: Flask, plugin: Plugin) -> None:
    def zone() -> ZoneInfo:
        return times.zone_of(web.viewer_or_none(), plugin.settings.time_zone)

    app.jinja_env.autoescape = _escaped(app.jinja_env.autoescape)
    plugin.page = _Page(app.jinja_env.from_string(_layout(plugin.settings)))
    app.jinja_env.globals.update(
        people_head=people_head,
        people_widget=people_widget,
        people_gettext=words.html_gettext,
        people_ngettext=words.html_ngettext,
    )
    app.jinja_env.filters.update(
        people_time=lambda moment: times.say_time(moment, zone()),
        people_start=lambda moment, all_day=False: times.say_start(moment, zone(), all_day),
        people_span=lambda meeting: times.say_span(meeting.starts_at, meeting.ends_at, zone()),
        people_there=lambda moment, person: times.say_there(moment, person, zone()),
        people_month=lambda moment, with_year=False: words.month(
            moment.astimezone(zone()), with_year
        ),
        people_matched=matched,
        people_bdi=words.html_bdi,
        people_label=words.html_label,
        people_number=words.number,
    )


def _escaped(hosts: bool | Callable[[str | None], bool]) -> Callable[[str | None], bool]:
    """As the host has it, but for our templates: a name is text there, whatever the host does."""

    def autoescape(template: str | None) -> bool:
        if template and template.startswith(f"{NAME}/"):
            return True
        return hosts(template) if callable(hosts) else hosts

    return autoescape


def _layout(s: Settings) -> str:
    """The host's layout or ours, with its one block filled by what our pages say."""
    base = s.base_template or f"{NAME}/base.html"
    return (
        f"{{% extends {base!r} %}}{{% block {s.content_block} %}}"
        # What a host says of its own links and forms by htmx 2 on its body is not for ours.
        '<div class="ip-page" lang="{{ intranet.language.tag }}"'
        ' dir="{{ intranet.language.direction }}" hx-disinherit="*">{% if intranet.viewer %}'
        f'{{% include "{NAME}/elements/nav.html" %}}'
        "{% endif %}{% block people_page %}{% endblock %}</div>{% endblock %}"
    )


class _Page:
    """`intranet` in our templates: each value worked out only where one asks."""

    def __init__(self, layout: Template) -> None:
        self.layout = layout

    settings = property(lambda self: web.settings())
    htmx = property(lambda self: _static(HTMX))
    now = property(lambda self: now())
    language = property(lambda self: words.language())
    viewer = property(lambda self: web.viewer_or_none())
    csrf = property(lambda self: web.csrf_field())
    is_operator = property(lambda self: is_operator(web.viewer_or_none(), web.settings().operators))
    signs_out = property(lambda self: web.settings().own_sign_ins and flask_login_viewer())
    news = property(lambda self: news(web.session(), web.viewer(), now()))

    @property
    def here(self) -> str:
        """Where a form without JavaScript comes back to; after an action, where it came from."""
        # What a host's own form says, or is too large to say, is not ours to read.
        try:
            came_from = request.form.get("next") if NAME in request.blueprints else None
        except RequestEntityTooLarge:
            came_from = None
        return came_from or web.here()

    def spoken(self, place: str) -> Markup:
        """On the root of a widget its language: the page around it may be in another one."""
        if not place.startswith("widget-"):
            return Markup("")
        language = words.language()
        return Markup(' lang="{}" dir="{}"').format(language.tag, language.direction)


def people_head(nonce: str = "") -> Markup:
    """The stylesheet and the script, once in the head of a page; htmx unless it is there.

    `nonce` is that of the host's Content-Security-Policy, where that asks for one.
    """
    css, js, htmx = (_static(name) for name in ("people.css", "people.js", HTMX))
    by = Markup(' nonce="{}"').format(nonce) if nonce else ""
    return Markup(
        '<link rel="stylesheet" href="{}"{}><script src="{}" data-htmx="{}" defer{}></script>'
    ).format(css, by, js, htmx, by)


def _static(name: str) -> str:
    return url_for(f"{NAME}.static", filename=name, v=_version(name))


@cache
def _version(name: str) -> str:
    """Of the content, so that a browser never keeps an old file."""
    data = files(__package__).joinpath("static", *name.split("/")).read_bytes()
    return hashlib.sha256(data).hexdigest()[:12]
