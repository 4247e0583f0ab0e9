"""Saying hi, and hi back: once for each meeting, in one line."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from intranet_people.hellos import inbox
from intranet_people.hellos.hello import Hello, hi_back, say_hi
from intranet_people.people.person import Person
from intranet_people.signals import hi_answered, hi_said

from .conftest import count


def test_hi_and_hi_back(
    session: Session, tomas: Person, dana: Person, key: str, now: datetime
) -> None:
    said = say_hi(session, tomas, dana, key, " Looking forward\n to it ", now)
    assert said.text == "Looking forward to it"
    assert inbox.news_of(session, dana, now).count == 1
    assert inbox.news_of(session, tomas, now).count == 0
    hi_back(session, dana, said, "Me too", now)
    assert (said.reply, inbox.news_of(session, dana, now).count) == ("Me too", 0)


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


def test_a_number_is_never_used_again(
    session: Session, tomas: Person, dana: Person, key: str, now: datetime
) -> None:
    """A page that still shows a hi that was erased must not answer another one."""
    first = say_hi(session, tomas, dana, key, "Hi", now).id
    session.execute(delete(Hello))
    session.commit()
    assert say_hi(session, tomas, dana, key, "Hi", now).id > first
