"""Who is in a meeting: the organizer too, everybody once, and guests by a clean name."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from intranet_people.calendars.source import Attendee
from intranet_people.meetings import attendees
from intranet_people.meetings.addresses import ids_by_mail

from .diaries import Find, Invite, as_attendee, guests_of, sizes, upcoming

HOUR = timedelta(hours=1)


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
        attendees, "ids_by_mail", lambda s: by_mail(s) | {"d.whitfield@northwind.example": dana.id}
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


def test_texts_of_a_hosts_source_are_cleaned(
    session: Session, person: Find, invite: Invite, now: datetime
) -> None:
    guest = Attendee("Char\0lotte\u202e", None)
    invite("tomas", title="Harbour\0 \u202eclock\n", location="\u200b", guests=[guest])
    [ahead] = upcoming(session, person("tomas"), now)
    assert (ahead.meeting.title, ahead.meeting.location) == ("Harbour clock", "")
    assert ahead.guests == ["Char lotte"]
