"""A hi that is taken back: by its sender, while nobody answered, and ringing no bell again."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from intranet_people.hellos import inbox
from intranet_people.hellos.hello import HiRefused, hi_back, say_hi, withdraw
from intranet_people.people.person import Person
from intranet_people.signals import hi_said

from .conftest import count


def test_undo_while_nobody_answered(
    session: Session, tomas: Person, dana: Person, key: str, now: datetime
) -> None:
    said = say_hi(session, tomas, dana, key, "Hi", now)
    withdraw(session, dana, said, now)
    assert inbox.inbox_of(session, dana, now).received == [said], "only the sender takes it back"
    withdraw(session, tomas, said, now)
    assert (
        inbox.inbox_of(session, dana, now).received
        == inbox.inbox_of(session, tomas, now).sent
        == []
    )
    assert inbox.news_of(session, dana, now).count == 0
    assert say_hi(session, tomas, dana, key, "Hi again", now) == said
    assert said.text == "Hi again"
    hi_back(session, dana, said, "Hi back", now)
    withdraw(session, tomas, said, now)
    assert inbox.inbox_of(session, tomas, now).sent == [said], "what was answered stays"


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
