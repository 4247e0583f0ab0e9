"""How long a hi and its answer are shown, and how long they are new."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from intranet_people.hellos import inbox
from intranet_people.hellos.hello import HiRefused, hi_back, say_hi
from intranet_people.people.person import Person


def test_unanswered_it_fades_with_the_meeting(
    session: Session, tomas: Person, dana: Person, key: str, now: datetime
) -> None:
    said = say_hi(session, tomas, dana, key, "Hi", now)
    after = now + timedelta(hours=3)
    assert inbox.inbox_of(session, dana, now).received == [said]
    assert inbox.inbox_of(session, dana, after).received == []
    assert inbox.inbox_of(session, tomas, after).sent == []
    assert inbox.news_of(session, dana, after).count == 0
    with pytest.raises(HiRefused, match="There will be another"):
        hi_back(session, dana, said, "Hi", after)


def test_answered_it_stays(
    session: Session, tomas: Person, dana: Person, key: str, now: datetime
) -> None:
    said = say_hi(session, tomas, dana, key, "Hi", now)
    hi_back(session, dana, said, "Hi back", now)
    assert inbox.inbox_of(session, tomas, now + timedelta(days=2)).sent == [said]


def test_an_answer_is_news_until_it_was_seen(
    session: Session, tomas: Person, dana: Person, key: str, now: datetime
) -> None:
    said = say_hi(session, tomas, dana, key, "Hi", now)
    inbox.see_answers(session, tomas, now)
    hi_back(session, dana, said, "Hi back", now)
    assert inbox.news_of(session, tomas, now).count == 1
    inbox.see_answers(session, dana, now)
    assert inbox.news_of(session, tomas, now).count == 1, "the other one's look is not mine"
    inbox.see_answers(session, tomas, now)
    assert inbox.news_of(session, tomas, now).count == 0
