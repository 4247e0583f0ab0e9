"""What templates get: our filters and functions, and `intranet` in templates of our own."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, request
from jinja2 import Template
from markupsafe import Markup
from werkzeug.exceptions import RequestEntityTooLarge

from .clock import now
from .db.session import db_session
from .hellos.inbox import news_of
from .i18n import formats, language, texts, times
from .operations.status import is_operator
from .search.query import matched
from .settings.settings import Settings
from .state import NAME, get_settings
from .text import initials_of
from .web.assets import people_head
from .web.layout import layout_source
from .web.render import current_path
from .web.security import csrf_field
from .web.urls import photo_url, profile_url
from .web.viewer import viewer, viewer_name, viewer_or_none, viewer_zone
from .widgets.widget import people_widget


class PageContext:
    """`intranet` in our templates. Each value is computed when a template uses it."""

    def __init__(self, layout: Template) -> None:
        self.layout = layout

    settings = property(lambda self: get_settings())
    now = property(lambda self: now())
    language = property(lambda self: language.language())
    viewer = property(lambda self: viewer_or_none())
    csrf = property(lambda self: csrf_field())
    is_operator = property(lambda self: is_operator(viewer_or_none(), get_settings().operators))
    signs_out = property(lambda self: _is_signed_in_by_us())
    news = property(lambda self: news_of(db_session(), viewer(), now()))

    @property
    def return_to(self) -> str:
        """Where a form without JavaScript returns to; after an action, the page it came from."""
        # The form of a host's own page is not read; one that is too large cannot be.
        try:
            came_from = request.form.get("next") if NAME in request.blueprints else None
        except RequestEntityTooLarge:
            came_from = None
        return came_from or current_path()

    @property
    def page_attrs(self) -> Markup:
        """On the root of our part of a page: its language, and what people.js says and keeps."""
        here = language.language()
        attrs = {"lang": here.tag, "dir": here.direction}
        if person := viewer_or_none():
            attrs |= {
                "data-ip-viewer": person.handle or "",
                "data-ip-offline": texts.gettext("No connection."),
                "data-ip-unsent": texts.gettext("Nothing was sent."),
                "data-ip-no-answer": texts.gettext("No answer came. Nothing is lost."),
                "data-ip-again": texts.gettext("Try again"),
            }
        return Markup("").join(Markup(' {}="{}"').format(*attr) for attr in attrs.items())

    def lang_attrs(self, placement: str) -> Markup:
        """The same on the root of a widget: the host's page may be in another language."""
        return self.page_attrs if placement.startswith("widget-") else Markup("")


def _is_signed_in_by_us() -> bool:
    name = viewer_name()
    return name is not None and name.kind == "directory_id"


def add_to_templates(app: Flask, settings: Settings) -> PageContext:
    """Add our functions and filters to the host's Jinja; returns `intranet`."""

    app.jinja_env.autoescape = _escaped(app.jinja_env.autoescape)
    app.jinja_env.globals.update(
        people_head=people_head,
        people_widget=people_widget,
        people_gettext=texts.html_gettext,
        people_ngettext=texts.html_ngettext,
    )
    app.jinja_env.filters.update(
        people_time=lambda moment: times.say_time(moment, viewer_zone(), now()),
        people_when=lambda meeting, with_day=True: times.say_when(
            meeting.starts_at,
            meeting.ends_at,
            viewer_zone(),
            now(),
            all_day=meeting.all_day,
            with_day=with_day,
        ),
        people_day=lambda day: times.say_day(day, now().astimezone(viewer_zone()).date()),
        people_there=lambda moment, person: times.say_there(
            moment, person.time_zone, viewer_zone()
        ),
        people_month=lambda moment, with_year=False: formats.month(
            moment.astimezone(viewer_zone()), with_year
        ),
        people_initials=initials_of,
        people_matched=matched,
        people_bdi=texts.html_bdi,
        people_label=texts.html_label,
        people_number=formats.number,
        people_profile_url=profile_url,
        people_photo_url=photo_url,
    )
    return PageContext(app.jinja_env.from_string(layout_source(settings)))


def _escaped(hosts: bool | Callable[[str | None], bool]) -> Callable[[str | None], bool]:
    """The host's autoescape rule, but always on for our own templates."""

    def autoescape(template: str | None) -> bool:
        if template and template.startswith(f"{NAME}/"):
            return True
        return hosts(template) if callable(hosts) else hosts

    return autoescape
