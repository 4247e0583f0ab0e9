"""Dana, who is hidden, and what is kept of whom Tomás meets."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from intranet_people.calendars.source import CalendarError, Owner, Reading
from intranet_people.meetings.guest_lists import Guest
from intranet_people.people.person import Person

from .diaries import Diaries, Find, guests_of, sizes

OF_DANA = ("dana", "whitfield")


def hide(session: Session, *people: Person, is_hidden: bool = True) -> None:
    for person in people:
        person.is_hidden = is_hidden
    session.commit()


@pytest.fixture
def dana(session: Session, person: Find) -> Person:
    """Dana Whitfield, who is hidden."""
    found = person("dana")
    hide(session, found)
    return found


def of_tomas(session: Session, person: Find) -> tuple[list[str], int]:
    """Who is in Tomás' one meeting, and how many that are."""
    tomas = person("tomas")
    [size] = sizes(session, tomas)
    return guests_of(session, tomas), size


def names_of_all(session: Session) -> str:
    """What is kept of all attendees of all meetings."""
    return " ".join(session.scalars(select(Guest.name))).lower()


class Failing(Diaries):
    """Whose errors name the file, as those of calendar files do."""

    def read(self, owner: Owner, start: datetime, end: datetime) -> Reading:
        raise CalendarError(f"{owner.handle}_1.ics, of {owner.mail}, could not be read")
