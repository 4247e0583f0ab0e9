"""Intranet People: the colleagues of your next meeting, before you meet them.

Each name is imported when it is first asked for, so that what needs no Flask, as the child
processes of `sandbox`, does not load it.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .db.revisions import include_name
    from .extension import IntranetPeople
    from .people.person import Person
    from .settings.settings import Settings, SettingsError
    from .signals import (
        followed,
        hi_answered,
        hi_said,
        met,
        person_changed,
        person_joined,
        person_left,
        person_returned,
        sync_finished,
        unfollowed,
    )
else:
    _MODULES = {
        "IntranetPeople": ".extension",
        "Person": ".people.person",
        "Settings": ".settings.settings",
        "SettingsError": ".settings.settings",
        "include_name": ".db.revisions",
    }

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(_MODULES.get(name, ".signals"), __name__), name)


__all__ = [
    "IntranetPeople",
    "Person",
    "Settings",
    "SettingsError",
    "followed",
    "hi_answered",
    "hi_said",
    "include_name",
    "met",
    "person_changed",
    "person_joined",
    "person_left",
    "person_returned",
    "sync_finished",
    "unfollowed",
]
