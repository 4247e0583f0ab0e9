"""Widget name -> the fragment that a page of ours also includes, with its values."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from markupsafe import Markup
from sqlalchemy.exc import SQLAlchemyError

from ..follows.follow import following_among
from ..hellos.greeting import gatherings
from ..people.person import Person, by_handle, now
from ..people.revisions import OtherVersion
from ..web import check_tables, fragment, session, viewer_or_none

log = logging.getLogger(__name__)


class UnknownWidget(LookupError):
    """No widget of that name; the text lists those there are."""


def people_widget(name: str, handle: str | None = None) -> Markup:
    """The widget `name` for the viewer; nothing where nobody is signed in or has that handle.

    `card` and `follow` take a person's handle; `meetings` and `search` none.
    """
    if name not in WIDGETS:
        raise UnknownWidget(f"There is no widget {name!r}; there are {', '.join(WIDGETS)}.")
    try:
        # What a host's view has not finished is not written because a widget asks something.
        with session().no_autoflush:
            check_tables()
            return _html(name, handle)
    except OtherVersion as e:
        log.error("The widget %s is left out: %s", name, e)
        return Markup("")
    except SQLAlchemyError as e:
        # The page is the host's: it goes on without us.
        log.error("The widget %s is left out: %s", name, e)
        session().rollback()
        return Markup("")


def _html(name: str, handle: str | None) -> Markup:
    template, needs_person, values_of = WIDGETS[name]
    viewer = viewer_or_none()
    person = by_handle(session(), handle) if viewer and handle else None
    if viewer is None or (needs_person and person is None):
        return Markup("")
    html = fragment(template, place=f"widget-{name}", **values_of(viewer, person))
    return Markup(html)  # noqa: S704


def _person(viewer: Person, person: Person | None) -> dict[str, Any]:
    ids = [person.id] if person else []
    return {"person": person, "is_followed": bool(following_among(session(), viewer, ids))}


def _meetings(viewer: Person, person: Person | None) -> dict[str, Any]:
    return {"gatherings": gatherings(session(), viewer, now())[:3]}


def _search(viewer: Person, person: Person | None) -> dict[str, Any]:
    return {"query": ""}


WIDGETS: dict[str, tuple[str, bool, Callable[[Person, Person | None], dict[str, Any]]]] = {
    "card": ("directory/_card.html", True, _person),
    "follow": ("follows/_follow.html", True, _person),
    "meetings": ("hellos/_meetings.html", False, _meetings),
    "search": ("directory/_search.html", False, _search),
}
"""By name: the template, whether it is about a person, and what it is fed with."""
