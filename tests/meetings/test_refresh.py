"""Calendars into rows: who is in a meeting, what becomes of a hi, one run at a time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from intranet_people.calendars.source import Attendee, Owner, Reading
from intranet_people.clock import now as current
from intranet_people.hellos.hello import Hello, say_hi
from intranet_people.hellos.upcoming import upcoming
from intranet_people.jobs import lease
from intranet_people.jobs.lease import AlreadyRunning, Lease, LeaseLost
from intranet_people.meetings import invitees
from intranet_people.meetings import refresh as agenda
from intranet_people.meetings.addresses import ids_by_mail
from intranet_people.meetings.guests import Guest, GuestList
from intranet_people.meetings.meeting import Meeting, key_of
from intranet_people.people.person import Person
from intranet_people.problems import Problem

from .diaries import Diaries, Invite

Find = Callable[[str], Person]
HOUR = timedelta(hours=1)


def guests_of(session: Session, owner: Person) -> list[str]:
    """Who is in the owner's one meeting, in order: handles, and names of guests from outside."""
    rows = session.execute(
        select(Person.handle, Guest.name)
        .select_from(Guest)
        .join(Meeting, Meeting.guest_list_id == Guest.list_id)
        .outerjoin(Person, Person.id == Guest.person_id)
        .where(Meeting.owner_id == owner.id)
        .order_by(Guest.position)
    )
    return [handle or name for handle, name in rows]


def sizes(session: Session, *owners: Person) -> list[int]:
    """How many are in each of the owners' meetings, or in each of all, the next first."""
    query = select(GuestList.size).join(Meeting, Meeting.guest_list_id == GuestList.id)
    query = query.where(Meeting.owner_id.in_([o.id for o in owners])) if owners else query
    return list(session.scalars(query.order_by(Meeting.starts_at)))


def as_attendee(person: Person, mail: str = "", partstat: str = "NEEDS-ACTION") -> Attendee:
    return Attendee(person.name, mail or person.mail, partstat)


def test_the_organizer_is_one_of_them(
    session: Session, person: Find, invite: Invite, now: datetime
) -> None:
    tomas = person("tomas")
    invite("tomas", "kenji", organizer=as_attendee(person("dana")))
    assert guests_of(session, tomas) == ["dana", "tomas", "kenji"]
    [ahead] = upcoming(session, tomas, now)
    assert sizes(session, tomas) == [3]
    assert {g.person.handle for g in ahead.to_meet} == {"dana", "kenji"}


def test_an_organizer_who_is_listed_keeps_their_place(
    session: Session, person: Find, invite: Invite
) -> None:
    kenji = person("kenji")
    invite("tomas", "kenji", organizer=as_attendee(kenji, kenji.mail.upper()))
    assert guests_of(session, person("tomas")) == ["tomas", "kenji"]


def test_an_organizer_who_declined_is_left_out(
    session: Session, person: Find, invite: Invite
) -> None:
    invite("tomas", "kenji", organizer=as_attendee(person("dana"), partstat="DECLINED"))
    assert guests_of(session, person("tomas")) == ["tomas", "kenji"]


def test_an_organizer_from_outside_is_a_guest(
    session: Session, person: Find, invite: Invite
) -> None:
    speaker = Attendee("Charlotte Reyes", "charlotte@opendoors.example.org")
    invite("tomas", organizer=speaker)
    assert guests_of(session, person("tomas")) == ["Charlotte Reyes", "tomas"]


def test_nobody_is_there_twice(
    session: Session, person: Find, invite: Invite, monkeypatch: pytest.MonkeyPatch
) -> None:
    dana, by_mail = person("dana"), ids_by_mail
    monkeypatch.setattr(
        invitees, "ids_by_mail", lambda s: by_mail(s) | {"d.whitfield@northwind.example": dana.id}
    )
    again = [
        as_attendee(dana, dana.mail.upper()),
        as_attendee(dana, "d.whitfield@northwind.example"),
        Attendee("The band", None),
        Attendee("The band", None),
    ]
    meeting = invite("tomas", "dana", guests=again)
    assert guests_of(session, person("tomas")) == ["tomas", "dana", "The band"]
    assert sizes(session) == [3, 3]
    assert len(meeting.attendees) == 6


def test_a_meeting_of_its_owner_alone_is_kept(
    session: Session, person: Find, invite: Invite, now: datetime
) -> None:
    tomas = person("tomas")
    invite("tomas", uid="focus", organizer=as_attendee(tomas))
    invite(uid="lunch", only_in=["tomas"], starts_in=2 * HOUR)
    for ahead in upcoming(session, tomas, now):
        assert (ahead.to_meet, ahead.known, ahead.guests) == ([], [], [])
    assert sizes(session, tomas) == [1, 0]


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


@pytest.fixture
def said(session: Session, person: Find, invite: Invite, now: datetime) -> Hello:
    """Tomás to Dana, an hour before a meeting that both have in their calendars."""
    key = key_of(invite("tomas", "dana"))
    return say_hi(session, person("tomas"), person("dana"), key, "Hi", now)


def test_only_the_receivers_calendar_moves_a_hi(
    session: Session, said: Hello, invite: Invite, now: datetime
) -> None:
    for start in (timedelta(days=3), timedelta(minutes=1)):
        invite("tomas", "dana", starts_in=start, only_in=["tomas"])
        session.refresh(said)
        assert (said.starts_at, said.ends_at) == (now + HOUR, now + 2 * HOUR)
    for start in (timedelta(days=3), timedelta(minutes=1)):
        invite("tomas", "dana", starts_in=start, only_in=["dana"])
        session.refresh(said)
        assert (said.starts_at, said.ends_at) == (now + start, now + start + HOUR)


def test_where_the_receivers_is_not_known_the_senders_only_shortens(
    session: Session, person: Find, invite: Invite, now: datetime
) -> None:
    key = key_of(invite("tomas", "mona", only_in=["tomas"]))
    said = say_hi(session, person("tomas"), person("mona"), key, "Hi", now)
    for start, ends_at in (
        (timedelta(days=3), now + 2 * HOUR),
        (timedelta(minutes=30), now + timedelta(minutes=90)),
        (timedelta(days=3), now + timedelta(minutes=90)),
    ):
        invite("tomas", "mona", starts_in=start, only_in=["tomas"])
        session.refresh(said)
        assert said.ends_at == ends_at


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


def test_texts_of_a_hosts_source_are_cleaned(
    session: Session, person: Find, invite: Invite, now: datetime
) -> None:
    guest = Attendee("Char\0lotte\u202e", None)
    invite("tomas", title="Harbour\0 \u202eclock\n", location="\u200b", guests=[guest])
    [ahead] = upcoming(session, person("tomas"), now)
    assert (ahead.meeting.title, ahead.meeting.location) == ("Harbour clock", "")
    assert ahead.guests == ["Char lotte"]


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


def test_a_hi_is_said_for_the_receivers_own_time(
    session: Session, person: Find, invite: Invite, diaries: Diaries, now: datetime
) -> None:
    """The sender's calendar may say next week: the hi fades when the receiver's meeting is over."""
    meeting = invite("tomas", "dana")
    later = timedelta(days=7)
    invite("tomas", "dana", starts_in=later, only_in=["tomas"])
    said = say_hi(session, person("tomas"), person("dana"), key_of(meeting), "Hi", now)
    assert said.ends_at == meeting.ends_at
