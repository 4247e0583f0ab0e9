"""Widget name -> the fragment that a page of ours also includes, with its values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from markupsafe import Markup

from ..follows.follow import following_among
from ..hellos.greeting import gatherings
from ..people.person import Person, by_handle, now
from ..web import fragment, session, viewer_or_none


class UnknownWidget(LookupError):
    """No widget of that name; the text lists those there are."""


def people_widget(name: str, handle: str | None = None) -> Markup:
    """The widget `name` for the viewer; nothing where nobody is signed in or has that handle.

    `card` and `follow` take a person's handle; `meetings` and `search` none.
    """
    if name not in WIDGETS:
        raise UnknownWidget(f"There is no widget {name!r}; there are {', '.join(WIDGETS)}.")
    viewer = viewer_or_none()
    template, values_of = WIDGETS[name]
    person = by_handle(session(), handle) if handle else None
    if viewer is None or (handle and person is None):
        return Markup("")
    values = values_of(viewer, person)
    html = fragment(template, place=f"widget-{name}", **values)
    return Markup(html)  # noqa: S704


def _person(viewer: Person, person: Person | None) -> dict[str, Any]:
    if person is None:
        raise UnknownWidget("The widgets card and follow take the login name of a person.")
    followed = person.id in following_among(session(), viewer, [person.id])
    return {"person": person, "is_followed": followed}


def _meetings(viewer: Person, person: Person | None) -> dict[str, Any]:
    return {"gatherings": gatherings(session(), viewer, now())[:3]}


def _search(viewer: Person, person: Person | None) -> dict[str, Any]:
    return {"query": ""}


WIDGETS: dict[str, tuple[str, Callable[[Person, Person | None], dict[str, Any]]]] = {
    "card": ("directory/_card.html", _person),
    "follow": ("follows/_follow.html", _person),
    "meetings": ("hellos/_meetings.html", _meetings),
    "search": ("directory/_search.html", _search),
}
