"""Widgets by name: each is a fragment that our own pages include too."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from markupsafe import Markup
from sqlalchemy.exc import SQLAlchemyError

from ..clock import now
from ..db.revisions import MigrationRequired
from ..db.session import db_session, protect_transaction
from ..follows.follow import is_following
from ..hellos.headline import headline
from ..hellos.sections import next_of
from ..hellos.upcoming import coming_week
from ..people.person import Person
from ..people.visible import find_visible
from ..state import get_state
from ..web.render import fragment
from ..web.viewer import viewer_or_none, viewer_zone

log = logging.getLogger(__name__)


class UnknownWidget(LookupError):
    """No widget of that name; the text lists those there are."""


def people_widget(name: str, handle: str | None = None) -> Markup:
    """The widget `name` for the viewer; empty if nobody is signed in, or nobody has that handle.

    `card` and `follow` take a person's handle; `meetings` and `search` none.
    """
    if name not in WIDGETS:
        raise UnknownWidget(f"There is no widget {name!r}; there are {', '.join(WIDGETS)}.")
    try:
        # A widget's queries must not flush what the host's view has not finished.
        with db_session().no_autoflush, protect_transaction(db_session()):
            get_state().check_tables()
            return _html(name, handle)
    except (MigrationRequired, SQLAlchemyError) as e:
        # The host's page goes on without us. Log no values: they may be names.
        log.error("The widget %s is left out: %s", name, getattr(e, "orig", None) or e)
        return Markup("")


def _html(name: str, handle: str | None) -> Markup:
    template, values_of = WIDGETS[name]
    viewer = viewer_or_none()
    values = values_of(viewer, handle) if viewer else None
    if values is None:
        return Markup("")
    return Markup(fragment(template, placement=f"widget-{name}", **values))  # noqa: S704


def _person(viewer: Person, handle: str | None) -> dict[str, Any] | None:
    person = find_visible(db_session(), viewer, handle) if handle else None
    if person is None:
        return None
    return {"person": person, "is_followed": is_following(db_session(), viewer, person)}


def _meetings(viewer: Person, handle: str | None) -> dict[str, Any]:
    week = coming_week(db_session(), viewer, now(), viewer_zone())
    return {"week": week, "headline": headline(week), "next": next_of(week)}


def _search(viewer: Person, handle: str | None) -> dict[str, Any]:
    return {"query": ""}


WIDGETS: dict[str, tuple[str, Callable[[Person, str | None], dict[str, Any] | None]]] = {
    "card": ("profiles/_card.html", _person),
    "follow": ("follows/_widget.html", _person),
    "meetings": ("hellos/_widget.html", _meetings),
    "search": ("search/_search.html", _search),
}
"""By name: the template, and a function that returns its values for a viewer, or None."""
