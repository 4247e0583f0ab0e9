"""Whom a meeting offers to meet, and what of it is shown to whom."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy.orm import Session

from intranet_people.calendars.source import Attendee
from intranet_people.hellos.greeting import of_hellos
from intranet_people.hellos.hello import hi_back, say_hi
from intranet_people.hellos.upcoming import shared_greeting
from intranet_people.meetings import refresh as agenda
from intranet_people.meetings.meeting import key_of
from intranet_people.people.person import Person
from intranet_people.problems import Problem

from ..meetings.diaries import Diaries, Invite, upcoming
from ..queries import counted

Find = Callable[[str], Person]
UTC = ZoneInfo("UTC")


def handles(session: Session, viewer: Person, now: datetime) -> list[str]:
    [ahead] = upcoming(session, viewer, now)
    return [g.person.handle or "" for g in ahead.to_meet]


def test_those_not_met_come_first_and_colleagues_apart(
    session: Session, person: Find, invite: Invite, now: datetime
) -> None:
    tomas = person("tomas")
    manager = tomas.manager_id
    colleague = next(p for p in session.query(Person).filter_by(manager_id=manager) if p != tomas)
    invite("tomas", colleague.handle, "dana", "kenji")
    [ahead] = upcoming(session, tomas, now)
    assert [g.person.handle for g in ahead.to_meet] == ["dana", "kenji"]
    assert [g.person.id for g in ahead.known] == [colleague.id]


def test_a_small_meeting_that_is_over_is_having_met(
    session: Session, person: Find, invite: Invite, now: datetime
) -> None:
    invite("tomas", "dana", uid="last week", starts_in=timedelta(days=-7))
    invite("tomas", "dana", "kenji")
    assert handles(session, person("tomas"), now) == ["kenji"]


def test_a_large_one_is_not(session: Session, person: Find, invite: Invite, now: datetime) -> None:
    crowd = [p.handle for p in session.query(Person).limit(30) if p.handle not in ("tomas", "dana")]
    invite("tomas", "dana", *crowd, uid="all hands", starts_in=timedelta(days=-7))
    invite("tomas", "dana")
    assert handles(session, person("tomas"), now) == ["dana"]


def test_who_answered_is_known_at_the_next_meeting_but_stays_in_this_one(
    session: Session, person: Find, invite: Invite, now: datetime
) -> None:
    tomas, dana = person("tomas"), person("dana")
    key = key_of(invite("tomas", "dana"))
    hi_back(session, dana, say_hi(session, tomas, dana, key, "Hi", now), "Hi", now)
    invite("tomas", "dana", uid="next", starts_in=timedelta(days=1))
    this, following = upcoming(session, tomas, now)
    assert [g.person.id for g in this.to_meet] == [dana.id]
    assert [g.person.id for g in following.known] == [dana.id]


def test_who_wrote_to_me_is_first(
    session: Session, person: Find, invite: Invite, now: datetime
) -> None:
    key = key_of(invite("tomas", "dana", "kenji", "priya"))
    say_hi(session, person("priya"), person("tomas"), key, "Hi", now)
    assert handles(session, person("tomas"), now) == ["priya", "dana", "kenji"]


def test_guests_and_rooms_are_no_people(
    session: Session, person: Find, invite: Invite, now: datetime
) -> None:
    speaker = Attendee("Charlotte Reyes", "charlotte@opendoors.example.org")
    nameless = Attendee("", None)
    invite("tomas", "dana", guests=[speaker, nameless])
    [ahead] = upcoming(session, person("tomas"), now)
    assert ahead.guests == ["Charlotte Reyes"]


def test_an_address_that_two_share_is_neither(
    session: Session, person: Find, invite: Invite, now: datetime
) -> None:
    person("kenji").mail = person("dana").mail
    session.commit()
    invite("tomas", "dana")
    [ahead] = upcoming(session, person("tomas"), now)
    assert (ahead.to_meet, ahead.guests) == ([], ["Dana Whitfield"])


def test_leavers_are_not_greeted(
    session: Session, person: Find, invite: Invite, now: datetime
) -> None:
    invite("tomas", "dana", "kenji")
    person("dana").left_at = now
    session.commit()
    assert handles(session, person("tomas"), now) == ["kenji"]


def test_a_title_is_shown_to_those_whose_calendar_has_it(
    session: Session, person: Find, invite: Invite, now: datetime
) -> None:
    tomas, mona = person("tomas"), person("mona")
    key = key_of(invite("tomas", "mona", title="Secret plans", only_in=["tomas"]))
    said = say_hi(session, tomas, mona, key, "Hi", now)
    assert of_hellos(session, tomas, [said])[0].title == "Secret plans"
    assert of_hellos(session, mona, [said])[0].title == ""


def test_next_greeting_on_a_profile(
    session: Session, person: Find, invite: Invite, now: datetime
) -> None:
    tomas, dana = person("tomas"), person("dana")
    assert shared_greeting(session, tomas, dana, now, UTC) is None
    meeting = invite("tomas", "dana")
    greeting = shared_greeting(session, tomas, dana, now, UTC)
    assert greeting
    assert greeting.key == key_of(meeting)
    assert shared_greeting(session, tomas, tomas, now, UTC) is None


def test_queries_do_not_grow_with_the_meetings(
    company_app: Flask, session: Session, person: Find, invite: Invite, now: datetime
) -> None:
    invite("tomas", "dana")
    who = person("tomas")
    with counted(company_app) as few:
        upcoming(session, who, now)
    for n in range(8):
        start = timedelta(hours=2 + n)
        invite("tomas", "kenji", "priya", "nour", "amina", uid=f"m{n}", starts_in=start)
    session.refresh(who)
    with counted(company_app) as many:
        assert len(upcoming(session, who, now)) == 9
    assert len(many) == len(few) == 4


def test_an_unreadable_calendar_keeps_what_it_had(
    session: Session, person: Find, invite: Invite, diaries: Diaries, now: datetime
) -> None:
    invite("tomas", "dana")
    diaries.broken.add("tomas")
    report = agenda.refresh(session, [diaries], now)
    assert report.problems == [
        ("tomas", Problem("calendar-failed", "", "the server does not answer"))
    ]
    assert handles(session, person("tomas"), now) == ["dana"]


def test_a_meeting_that_is_gone_goes(
    session: Session, person: Find, invite: Invite, diaries: Diaries, now: datetime
) -> None:
    invite("tomas", "dana")
    diaries.meetings["tomas"] = []
    agenda.refresh(session, [diaries], now)
    assert upcoming(session, person("tomas"), now) == []


def test_reading_the_same_again_changes_nothing(
    session: Session, invite: Invite, diaries: Diaries, now: datetime
) -> None:
    invite("tomas", "dana")
    report = agenda.refresh(session, [diaries], now)
    assert (report.read, report.changed) == (2, 0)
