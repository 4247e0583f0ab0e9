"""Calendars into rows: one run at a time, whatever becomes of a source."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from intranet_people.calendars.source import Owner, Reading
from intranet_people.clock import now as current
from intranet_people.jobs import lease
from intranet_people.jobs.lease import AlreadyRunning, Lease, LeaseLost
from intranet_people.meetings import refresh as agenda
from intranet_people.meetings.meeting import Meeting, key_of
from intranet_people.problems import Problem

from ..queries import counted
from .diaries import Diaries, Find, Invite, upcoming


def test_one_occurrence_is_one_row(session: Session, person: Find, invite: Invite) -> None:
    key = key_of(invite("tomas", "dana"))
    first = session.scalars(select(Meeting).filter_by(key=key)).first()
    assert first
    times = {"starts_at": first.starts_at, "ends_at": first.ends_at}
    same = {"owner_id": first.owner_id, "key": key, "guest_list_id": first.guest_list_id}
    session.add(Meeting(title="", **times, **same))
    with pytest.raises(IntegrityError):
        session.commit()


def test_the_number_of_a_meeting_is_never_used_again(
    session: Session, person: Find, invite: Invite
) -> None:
    invite("tomas", title="One")
    before = session.scalars(select(Meeting.id)).one()
    invite("tomas", title="Two")
    assert session.scalars(select(Meeting.id)).one() > before


def test_nothing_is_asked_for_people_without_a_calendar(
    company_app: Flask, session: Session, invite: Invite, diaries: Diaries, now: datetime
) -> None:
    """Of the 120 only two have one."""
    invite("tomas", "dana")
    with counted(company_app) as statements:
        agenda.refresh(session, [diaries], now)
    of_calendars = [s for s in statements if "FROM people_calendar" in s]
    assert len(of_calendars) < 10, of_calendars


class Failing:
    """A host's source with a fault in it, for one person."""

    def __init__(self, diaries: Diaries, handle: str) -> None:
        self.diaries, self.handle = diaries, handle

    def read(self, owner: Owner, start: datetime, end: datetime) -> Reading:
        if owner.handle == self.handle:
            raise KeyError("secret plans")
        return self.diaries.read(owner, start, end)


def test_a_source_with_a_fault_stops_nobody_else(
    session: Session,
    person: Find,
    invite: Invite,
    diaries: Diaries,
    now: datetime,
    caplog: pytest.LogCaptureFixture,
) -> None:
    invite("tomas", "dana")
    diaries.meetings["dana"] = []
    report = agenda.refresh(session, [Failing(diaries, "tomas")], now)
    problem = ("tomas", Problem("calendar-source-failed", "", "KeyError"))
    assert (report.read, report.changed, report.problems) == (1, 1, [problem])
    assert agenda.calendar_problems(session) == [problem]
    assert "Traceback" in caplog.text
    # What was there stays.
    assert len(upcoming(session, person("tomas"), now)) == 1
    agenda.refresh(session, [diaries], now)
    assert agenda.calendar_problems(session) == []


def test_one_run_at_a_time(
    session: Session, invite: Invite, diaries: Diaries, now: datetime
) -> None:
    invite("tomas", "dana")
    session.add(Lease(name="calendars", expires_at=current() + timedelta(minutes=1)))
    session.commit()
    with pytest.raises(AlreadyRunning, match="flask people calendars"):
        agenda.refresh(session, [diaries], now)


def test_a_run_that_lost_its_lease_stops(
    session: Session,
    invite: Invite,
    diaries: Diaries,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    invite("tomas", "dana")
    diaries.meetings = {"tomas": [], "dana": []}
    monkeypatch.setattr(lease, "RENEW_AFTER", timedelta(0))
    until = current() + timedelta(hours=1)

    class TakenOver(Diaries):
        def read(self, owner: Owner, start: datetime, end: datetime) -> Reading:
            session.query(Lease).update({"expires_at": until})
            session.commit()
            return diaries.read(owner, start, end)

    with pytest.raises(LeaseLost):
        agenda.refresh(session, [TakenOver()], now)
    assert len(session.scalars(select(Meeting)).all()) == 2
    assert session.scalars(select(Lease.expires_at)).all() == [until]


def test_a_calendar_that_is_gone_keeps_its_meetings_until_they_are_over(
    session: Session, person: Find, invite: Invite, diaries: Diaries, now: datetime
) -> None:
    """A file that was not exported this time is no reason to cancel anything."""
    invite("tomas", "dana")
    del diaries.meetings["tomas"]
    report = agenda.refresh(session, [diaries], now)
    assert report.problems == [("tomas", agenda.GONE)]
    assert agenda.calendar_problems(session) == [("tomas", agenda.GONE)]
    assert len(upcoming(session, person("tomas"), now)) == 1
    later = now + timedelta(days=2)
    assert agenda.refresh(session, [diaries], later).problems == []
    assert agenda.calendar_problems(session) == []
