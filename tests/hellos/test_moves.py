"""A hi goes with its meeting, by the time that its receiver has for it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from intranet_people.hellos import inbox
from intranet_people.hellos.hello import Hello, say_hi
from intranet_people.meetings.meeting import key_of

from ..meetings.diaries import Find, Invite

HOUR = timedelta(hours=1)


@pytest.fixture
def said(session: Session, person: Find, invite: Invite, now: datetime) -> Hello:
    """Tomás to Dana, an hour before a meeting that both have in their calendars."""
    key = key_of(invite("tomas", "dana"))
    return say_hi(session, person("tomas"), person("dana"), key, "Hi", now)


def test_hello_moves_with_its_meeting(
    session: Session, person: Find, said: Hello, invite: Invite, now: datetime
) -> None:
    moved = invite("tomas", "dana", starts_in=timedelta(days=1))
    session.refresh(said)
    assert key_of(moved) == said.meeting_key
    assert said.starts_at == moved.starts_at
    assert inbox.news_of(session, person("dana"), now + 3 * HOUR).count == 1


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


def test_a_hi_is_said_for_the_receivers_own_time(
    session: Session, person: Find, invite: Invite, now: datetime
) -> None:
    """The sender's calendar may say next week: the hi fades when the receiver's meeting is over."""
    meeting = invite("tomas", "dana")
    later = timedelta(days=7)
    invite("tomas", "dana", starts_in=later, only_in=["tomas"])
    said = say_hi(session, person("tomas"), person("dana"), key_of(meeting), "Hi", now)
    assert said.ends_at == meeting.ends_at
