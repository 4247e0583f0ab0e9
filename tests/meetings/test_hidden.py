"""An attendee who is hidden is nobody: in no guest list, and not counted."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy.orm import Session

from intranet_people.jobs.lease import LeaseHandle
from intranet_people.meetings import refresh as agenda
from intranet_people.people.person import Person
from intranet_people.sync.erase import erase_leavers

from .diaries import Diaries, Find, Invite, as_attendee, upcoming
from .hiding import OF_DANA, Failing, dana, hide, names_of_all, of_tomas

__all__ = ["dana"]


@pytest.mark.parametrize("role", ["attendee", "organizer", "both"])
def test_is_left_out(
    session: Session, person: Find, invite: Invite, dana: Person, role: str
) -> None:
    fields = {} if role == "attendee" else {"organizer": as_attendee(dana)}
    guests = [] if role == "organizer" else [as_attendee(dana, dana.mail.upper())]
    invite("tomas", "kenji", guests=guests, **fields)
    assert of_tomas(session, person) == (["tomas", "kenji"], 2)
    assert "dana" not in names_of_all(session)


def test_has_a_calendar_as_everybody(
    session: Session, person: Find, invite: Invite, dana: Person, now: datetime
) -> None:
    invite("dana", "tomas")
    [ahead] = upcoming(session, dana, now)
    assert [g.person.handle for g in (*ahead.to_meet, *ahead.known)] == ["tomas"]


def test_is_named_to_operators_by_their_id(
    session: Session, person: Find, dana: Person, now: datetime
) -> None:
    report = agenda.refresh(session, [Failing()], now)
    for problems in (report.problems, agenda.calendar_problems(session)):
        told = {who: str(problem) for who, problem in problems}
        assert told["kenji"] == f"kenji_1.ics, of {person('kenji').mail}, could not be read"
        id = dana.directory_id
        assert told[id] == f"{id}_1.ics, of {id}, could not be read"
        assert [name for name in OF_DANA if name in str(problems).lower()] == []


def test_what_was_kept_of_them_goes_when_they_are_erased(
    session: Session, person: Find, invite: Invite, diaries: Diaries, now: datetime
) -> None:
    """A leaver is a guest by name from then on; who was hidden is nobody."""
    invite("tomas", "dana", "kenji")
    dana, kenji = person("dana"), person("kenji")
    name = kenji.name
    hide(session, dana)
    for leaver in (dana, kenji):
        leaver.left_at = now - timedelta(days=31)
    session.commit()
    assert erase_leavers(session, LeaseHandle(session, "sync"), timedelta(days=30)) == 2
    [ahead] = upcoming(session, person("tomas"), now)
    assert ahead.guests == [name]
    assert "dana" not in names_of_all(session)
    agenda.refresh(session, [diaries], now)
    assert of_tomas(session, person) == (["tomas", name], 2)


def test_of_them_only_the_names_are_left_when_they_are_erased(
    session: Session, person: Find, now: datetime
) -> None:
    """By which calendars go on naming them."""
    dana = person("dana")
    hide(session, dana)
    dana.left_at, dana.photo_digest, dana.extra = (
        now - timedelta(days=31),
        "f" * 64,
        {"Room": ["1"]},
    )
    session.commit()
    erase = partial(erase_leavers, session, LeaseHandle(session, "sync"), timedelta(days=30))
    assert (erase(), erase()) == (1, 0)
    session.refresh(dana)
    columns = {c.name: getattr(dana, c.name) for c in Person.__table__.columns}
    assert {name for name, value in columns.items() if value} == {
        *("id", "directory_id", "handle", "name", "given_name", "surname", "sort_key", "mail"),
        *("is_hidden", "left_at", "joined_at", "dn_key"),
    }
