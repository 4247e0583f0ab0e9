"""Who may say hi to whom: in a real, shared, coming meeting; few a day; never a nag."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from intranet_people.hellos.hello import HiRefused, hi_back, say_hi
from intranet_people.meetings.meeting import key_of
from intranet_people.people.person import Person

from ..meetings.diaries import Find, Invite
from .conftest import count


def test_only_in_a_meeting_of_ones_own(
    session: Session, person: Find, dana: Person, key: str, now: datetime
) -> None:
    with pytest.raises(HiRefused, match="no longer in your calendar"):
        say_hi(session, person("priya"), dana, key, "Hi", now)


def test_only_to_one_who_is_invited(
    session: Session, tomas: Person, person: Find, key: str, now: datetime
) -> None:
    with pytest.raises(HiRefused, match="is not in that meeting"):
        say_hi(session, tomas, person("priya"), key, "Hi", now)
    with pytest.raises(HiRefused, match="is not in that meeting"):
        say_hi(session, tomas, tomas, key, "Hi", now)


def test_not_by_an_invented_invitation(
    session: Session, tomas: Person, dana: Person, invite: Invite, now: datetime
) -> None:
    """Dana's own calendar is known, and knows nothing of it."""
    invite("dana", "kenji", uid="other")
    invented = key_of(invite("tomas", "dana", uid="invented", only_in=["tomas"]))
    with pytest.raises(HiRefused, match="is not in that meeting"):
        say_hi(session, tomas, dana, invented, "Hi", now)


def test_to_one_whose_calendar_is_not_known(
    session: Session, tomas: Person, person: Find, invite: Invite, now: datetime
) -> None:
    key = key_of(invite("tomas", "mona", only_in=["tomas"]))
    assert say_hi(session, tomas, person("mona"), key, "Hi", now)


def test_not_when_the_meeting_is_over(
    session: Session, tomas: Person, dana: Person, key: str, now: datetime
) -> None:
    with pytest.raises(HiRefused, match="over"):
        say_hi(session, tomas, dana, key, "Hi", now + timedelta(hours=3))


def test_not_to_a_leaver(
    session: Session, tomas: Person, dana: Person, key: str, now: datetime
) -> None:
    dana.left_at = now
    with pytest.raises(HiRefused, match="is not in that meeting"):
        say_hi(session, tomas, dana, key, "Hi", now)


def test_after_an_unanswered_one_the_pair_rests(
    session: Session, tomas: Person, dana: Person, key: str, invite: Invite, now: datetime
) -> None:
    say_hi(session, tomas, dana, key, "Hi", now)
    later = key_of(invite("tomas", "dana", uid="later", starts_in=timedelta(days=2)))
    with pytest.raises(HiRefused, match="rest a while"):
        say_hi(session, tomas, dana, later, "Hi?", now)
    assert say_hi(session, dana, tomas, later, "Hi you", now), "the other one may"


def test_ten_a_day(session: Session, tomas: Person, invite: Invite, now: datetime) -> None:
    others = list(
        session.scalars(select(Person).where(Person.id != tomas.id).order_by(Person.id).limit(11))
    )
    key = key_of(invite("tomas", *(p.handle or "" for p in others), only_in=["tomas"]))
    for other in others[:10]:
        say_hi(session, tomas, other, key, "Hi", now)
    with pytest.raises(HiRefused, match="Tomorrow is another day"):
        say_hi(session, tomas, others[10], key, "Hi", now)


def test_ten_a_day_from_forty_clicks_at_once(
    company_app: Flask, session: Session, tomas: Person, invite: Invite, now: datetime
) -> None:
    others = list(session.scalars(select(Person).where(Person.id != tomas.id).limit(20)))
    key = key_of(invite("tomas", *(p.handle or "" for p in others), only_in=["tomas"]))
    ids, my_id = [p.id for p in others], tomas.id
    engine = session.get_bind()

    def click(id: int) -> int:
        with Session(engine) as own:
            me, other = own.get_one(Person, my_id), own.get_one(Person, id)
            try:
                say_hi(own, me, other, key, "Hi", now)
            except HiRefused:
                return 0
            return 1

    session.commit()
    with ThreadPoolExecutor(8) as clicks:
        assert sum(clicks.map(click, ids)) == 10
    assert count(session) == 10


def test_only_the_receiver_answers(
    session: Session, tomas: Person, dana: Person, key: str, now: datetime
) -> None:
    said = say_hi(session, tomas, dana, key, "Hi", now)
    with pytest.raises(HiRefused, match="not said to you"):
        hi_back(session, tomas, said, "Hi me", now)
