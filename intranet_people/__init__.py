"""Intranet People: the colleagues of your next meeting, before you meet them."""

from .extension import IntranetPeople
from .host import (
    Settings,
    SettingsError,
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
from .people.person import Person

__all__ = [
    "IntranetPeople",
    "Person",
    "Settings",
    "SettingsError",
    "followed",
    "hi_answered",
    "hi_said",
    "met",
    "person_changed",
    "person_joined",
    "person_left",
    "person_returned",
    "sync_finished",
    "unfollowed",
]
