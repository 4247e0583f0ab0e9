"""Somebody who is hidden after their meetings were read, or while they are, and shown again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from threading import Thread

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from intranet_people.calendars.source import Attendee, Owner, Reading
from intranet_people.meetings import refresh as agenda
from intranet_people.meetings.attendees import drop_hidden
from intranet_people.meetings.guest_lists import GuestList
from intranet_people.meetings.meeting import Calendar

from ..client import Browser
from .diaries import Diaries, Find, Invite, upcoming
from .hiding import OF_DANA, Failing, hide, of_tomas


def test_becomes_nobody_at_once_and_is_back_with_the_calendars(
    session: Session, person: Find, invite: Invite, diaries: Diaries, now: datetime, tomas: Browser
) -> None:
    invite("tomas", "dana", "kenji")
    assert "Dana" in tomas.get("/people/").text
    hide(session, person("dana"))
    # Before any calendar is read again.
    page = tomas.get("/people/").text
    assert "Quarterly planning" in page
    assert [name for name in OF_DANA if name in page.lower()] == []
    [ahead] = upcoming(session, person("tomas"), now)
    assert [g.person.handle for g in (*ahead.to_meet, *ahead.known)] == ["kenji"]
    assert ahead.guests == []

    report = agenda.refresh(session, [diaries], now)
    assert report.changed == 3
    assert of_tomas(session, person) == (["tomas", "kenji"], 2)
    assert agenda.refresh(session, [diaries], now).changed == 0

    hide(session, person("dana"), is_hidden=False)
    agenda.refresh(session, [diaries], now)
    assert of_tomas(session, person) == (["tomas", "dana", "kenji"], 3)


def test_a_guest_by_name_is_nobody_as_soon_as_they_are_hidden(
    session: Session, person: Find, invite: Invite, diaries: Diaries, now: datetime
) -> None:
    """Also where the calendar, which has another address of theirs, cannot be read any more."""
    invite("tomas", "kenji", guests=[Attendee("Whitfield, Dana (Legal)", "d.w@alumni.example")])
    assert of_tomas(session, person)[1] == 3
    hide(session, person("dana"))
    drop_hidden(session)
    session.commit()
    assert of_tomas(session, person) == (["tomas", "kenji"], 2)

    hide(session, person("dana"), is_hidden=False)
    agenda.refresh(session, [diaries], now)
    assert of_tomas(session, person)[1] == 3
    hide(session, person("dana"))
    agenda.refresh(session, [Failing()], now)
    assert of_tomas(session, person) == (["tomas", "kenji"], 2)


def test_is_left_out_of_what_is_being_read_as_they_are_hidden(
    session: Session, person: Find, invite: Invite, diaries: Diaries, now: datetime
) -> None:
    guest = Attendee("Whitfield, Dana (Legal)", "d.w@alumni.example")

    class Hiding(Diaries):
        def read(self, owner: Owner, start: datetime, end: datetime) -> Reading:
            if not person("dana").is_hidden:
                hide(session, person("dana"))
                drop_hidden(session)
                session.commit()
            return diaries.read(owner, start, end)

    invite("tomas", "kenji", guests=[guest])
    diaries.meetings["tomas"] = [replace(m, title="Moved") for m in diaries.meetings["tomas"]]
    agenda.refresh(session, [Hiding()], now)
    assert of_tomas(session, person) == (["tomas", "kenji"], 2)


@pytest.mark.postgresql
@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_who_hides_and_who_reads_a_calendar_do_not_wait_for_each_other(
    session: Session, person: Find, invite: Invite, now: datetime
) -> None:
    """Both lock the calendar before its guest lists."""
    invite("tomas", "dana", "kenji")
    hide(session, person("dana"))
    bind = session.get_bind()
    list_id = session.scalars(select(GuestList.id)).one()
    failures = list[BaseException]()

    def drop() -> None:
        try:
            with Session(bind) as own:
                drop_hidden(own)
                own.commit()
        except BaseException as e:
            failures.append(e)

    with Session(bind) as reading:
        reading.execute(update(Calendar).values(read_at=now))
        dropping = Thread(target=drop)
        dropping.start()
        waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        while not session.scalar(waiting):
            session.rollback()
            assert dropping.is_alive()
        # As the foreign key of a new meeting does.
        locked = select(GuestList.id).where(GuestList.id == list_id)
        reading.execute(locked.with_for_update(key_share=True, read=True)).all()
        reading.commit()
    dropping.join()
    session.rollback()
    assert failures == []
    assert of_tomas(session, person) == (["tomas", "kenji"], 2)
