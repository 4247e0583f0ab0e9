"""Intranet People: the colleagues of your next meeting, before you meet them."""

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
