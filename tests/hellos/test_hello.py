"""The rules of saying hi: a real, shared, coming meeting; once; few a day; never a nag."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from intranet_people.hellos import inbox
from intranet_people.hellos.hello import Hello, HiRefused, hi_back, say_hi, withdraw
from intranet_people.meetings.meeting import key_of
from intranet_people.people.person import Person
from intranet_people.signals import hi_answered, hi_said

from ..meetings.diaries import Invite

Find = Callable[[str], Person]


@pytest.fixture
def tomas(person: Find) -> Person:
    return person("tomas")


@pytest.fixture
def dana(person: Find) -> Person:
    return person("dana")


@pytest.fixture
def key(invite: Invite) -> str:
    """Of a meeting of Tomás, Dana and Kenji, in an hour."""
    return key_of(invite("tomas", "dana", "kenji"))


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Hello)) or 0


def test_hi_and_hi_back(
    session: Session, tomas: Person, dana: Person, key: str, now: datetime
) -> None:
    said = say_hi(session, tomas, dana, key, " Looking forward\n to it ", now)
    assert said.text == "Looking forward to it"
    assert inbox.unread_count(session, dana, now) == 1
    assert inbox.unread_count(session, tomas, now) == 0
    hi_back(session, dana, said, "Me too", now)
    assert (said.reply, inbox.unread_count(session, dana, now)) == ("Me too", 0)


def test_signals(session: Session, tomas: Person, dana: Person, key: str, now: datetime) -> None:
    heard = []

    def listen(sender: object, **facts: object) -> None:
        heard.append((facts["sender_id"], facts["receiver_id"]))

    with hi_said.connected_to(listen), hi_answered.connected_to(listen):
        said = say_hi(session, tomas, dana, key, "Hi", now)
        hi_back(session, dana, said, "Hi", now)
        hi_back(session, dana, said, "Hi again", now)
    assert heard == [(tomas.id, dana.id)] * 2
    assert said.reply == "Hi", "the first answer counts"


def test_said_twice_is_said_once(
    session: Session, tomas: Person, dana: Person, key: str, now: datetime
) -> None:
    first = say_hi(session, tomas, dana, key, "Hi", now)
    assert say_hi(session, tomas, dana, key, "Hi again", now).id == first.id
    assert (count(session), first.text) == (1, "Hi")


def test_hi_to_one_who_said_hi_is_hi_back(
    session: Session, tomas: Person, dana: Person, key: str, now: datetime
) -> None:
    first = say_hi(session, tomas, dana, key, "Hi", now)
    second = say_hi(session, dana, tomas, key, "Oh, hi", now)
    assert second.id == first.id
    assert (second.reply, count(session)) == ("Oh, hi", 1)


def test_two_people_at_once_make_one_hello(
    session: Session, tomas: Person, dana: Person, key: str, now: datetime
) -> None:
    engine = session.get_bind()

    def click(pair: tuple[int, int]) -> int:
        with Session(engine) as own:
            me, other = (own.get_one(Person, id) for id in pair)
            return say_hi(own, me, other, key, "Hi", now).id

    pairs = [(tomas.id, dana.id), (dana.id, tomas.id)] * 5
    session.commit()
    with ThreadPoolExecutor(4) as clicks:
        assert len(set(clicks.map(click, pairs))) == 1
    assert count(session) == 1


@pytest.mark.parametrize("line", ["", "   ", "\0\n\t"])
def test_empty_line_is_still_a_hi(
    session: Session, tomas: Person, dana: Person, key: str, now: datetime, line: str
) -> None:
    assert say_hi(session, tomas, dana, key, line, now).text == "Hi."


def test_line_is_cut_at_280(
    session: Session, tomas: Person, dana: Person, key: str, now: datetime
) -> None:
    assert len(say_hi(session, tomas, dana, key, "å" * 1000, now).text) == 280


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
    with pytest.raises(HiRefused, match="does not have that meeting"):
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


def test_unanswered_it_fades_with_the_meeting(
    session: Session, tomas: Person, dana: Person, key: str, now: datetime
) -> None:
    said = say_hi(session, tomas, dana, key, "Hi", now)
    after = now + timedelta(hours=3)
    assert inbox.received_by(session, dana, now) == [said]
    assert inbox.received_by(session, dana, after) == []
    assert inbox.sent_by(session, tomas, after) == []
    assert inbox.unread_count(session, dana, after) == 0
    with pytest.raises(HiRefused, match="There will be another"):
        hi_back(session, dana, said, "Hi", after)


def test_answered_it_stays(
    session: Session, tomas: Person, dana: Person, key: str, now: datetime
) -> None:
    said = say_hi(session, tomas, dana, key, "Hi", now)
    hi_back(session, dana, said, "Hi back", now)
    assert inbox.sent_by(session, tomas, now + timedelta(days=2)) == [said]


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


def test_undo_while_nobody_answered(
    session: Session, tomas: Person, dana: Person, key: str, now: datetime
) -> None:
    said = say_hi(session, tomas, dana, key, "Hi", now)
    withdraw(session, dana, said, now)
    assert inbox.received_by(session, dana, now) == [said], "only the sender takes it back"
    withdraw(session, tomas, said, now)
    assert inbox.received_by(session, dana, now) == inbox.sent_by(session, tomas, now) == []
    assert inbox.unread_count(session, dana, now) == 0
    assert say_hi(session, tomas, dana, key, "Hi again", now) == said
    assert said.text == "Hi again"
    hi_back(session, dana, said, "Hi back", now)
    withdraw(session, tomas, said, now)
    assert inbox.sent_by(session, tomas, now) == [said], "what was answered stays"


def test_undo_wins_over_a_late_answer(
    session: Session, tomas: Person, dana: Person, key: str, now: datetime
) -> None:
    said = say_hi(session, tomas, dana, key, "Hi", now)
    withdraw(session, tomas, said, now)
    with pytest.raises(HiRefused, match="took it back"):
        hi_back(session, dana, said, "Hi back", now)
    assert said.reply is None
    mine = say_hi(session, dana, tomas, key, "Hi Tomás", now)
    assert (mine.sender_id, mine.text, count(session)) == (dana.id, "Hi Tomás", 1)


def test_undo_rings_no_bell_again(
    session: Session, tomas: Person, dana: Person, key: str, now: datetime
) -> None:
    """Nor does it give back one of the day's ten: taken back, a hi still counts."""
    heard = []

    def listen(sender: object, **facts: object) -> None:
        heard.append(facts)

    with hi_said.connected_to(listen):
        for _ in range(5):
            withdraw(session, tomas, say_hi(session, tomas, dana, key, "Hi", now), now)
    assert len(heard) == count(session) == 1


def test_a_number_is_never_used_again(
    session: Session, tomas: Person, dana: Person, key: str, now: datetime
) -> None:
    """A page that still shows a hi that was erased must not answer another one."""
    first = say_hi(session, tomas, dana, key, "Hi", now).id
    session.execute(delete(Hello))
    session.commit()
    assert say_hi(session, tomas, dana, key, "Hi", now).id > first


def test_an_answer_is_news_until_it_was_seen(
    session: Session, tomas: Person, dana: Person, key: str, now: datetime
) -> None:
    said = say_hi(session, tomas, dana, key, "Hi", now)
    inbox.see_answers(session, tomas, now)
    hi_back(session, dana, said, "Hi back", now)
    assert inbox.unread_count(session, tomas, now) == 1
    inbox.see_answers(session, dana, now)
    assert inbox.unread_count(session, tomas, now) == 1, "the other one's look is not mine"
    inbox.see_answers(session, tomas, now)
    assert inbox.unread_count(session, tomas, now) == 0


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


def test_hello_moves_with_its_meeting(
    session: Session, tomas: Person, dana: Person, key: str, invite: Invite, now: datetime
) -> None:
    said = say_hi(session, tomas, dana, key, "Hi", now)
    moved = invite("tomas", "dana", "kenji", starts_in=timedelta(days=1))
    session.refresh(said)
    assert key_of(moved) == key
    assert said.starts_at == moved.starts_at
    assert inbox.unread_count(session, dana, now + timedelta(hours=3)) == 1
