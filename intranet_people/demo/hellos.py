"""What the people of the sample company have said to each other when the demo opens."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..hellos.hello import HiRefused, hi_back, say_hi
from ..meetings.meeting import Meeting
from ..people.person import Person, by_handle
from .agenda import ALL_HANDS, DIALS_AT_SEA, PLANNING

LEADER = "amina"
TO_LEADER = {
    "abena": "Hi Amina, I am bringing three questions. All friendly.",
    "adrian": "Hello Amina, Singapore is looking forward to it.",
    "aiko": "Hi Amina, looking forward to your talk.",
    "beatriz": "Hi Amina, customers in São Paulo send their regards.",
    "bo": "Hello Amina, we have not met yet. See you there.",
    "callum": "Hi Amina, I am curious about the Nairobi lab.",
    "dimitra": "Hi Amina, my first all hands. See you there.",
    "freya": "Hi Amina, thank you for the open doors.",
    "iris": "Hi Amina, see you at the fair as well.",
    "kwame": "Hello Amina, greetings from the radio corner.",
    "hana": "Hi Amina, I would love to hear about services.",
    "omar": "Hi Amina, nice that we meet.",
    "renata": "Hi Amina, I look forward to putting a face to the name.",
    "wanjiku": "Hi Amina, I am in Nairobi too. Coffee after it?",
}


def say_hellos(session: Session, now: datetime) -> None:
    """Say what is not said yet. What somebody did in the demo stays."""
    _say(session, now, "dana", "nour", PLANNING, "Welcome, Nour. Glad that you are here.")
    answer = "Hi Tomás, nice of you. See you in Room Aalto."
    _say(session, now, "tomas", "eleni", PLANNING, "Hi Eleni, I like the new dial.", answer)
    answer = "Hi Małgorzata, so do I."
    line = "Hi Dana, I look forward to it."
    _say(session, now - timedelta(days=4), "malgorzata", "dana", DIALS_AT_SEA, line, answer)
    for handle, line in TO_LEADER.items():
        _say(session, now, handle, LEADER, ALL_HANDS, line)


def _say(
    session: Session,
    at: datetime,
    sender: str,
    receiver: str,
    title: str,
    line: str,
    answer: str = "",
) -> None:
    one, other = by_handle(session, sender), by_handle(session, receiver)
    if one is None or other is None:
        return
    meeting = _meeting(session, other, title)
    if meeting is None:
        return
    try:
        hello = say_hi(session, one, other, meeting.key, line, at)
        if answer and hello.replied_at is None:
            hi_back(session, other, hello, answer, at + timedelta(minutes=5))
    except HiRefused:
        # Said on an earlier day, and not answered: the two rest.
        session.rollback()


def _meeting(session: Session, owner: Person, title: str) -> Meeting | None:
    query = select(Meeting).where(Meeting.owner_id == owner.id, Meeting.title == title)
    return session.scalar(query.order_by(Meeting.starts_at.desc()).limit(1))
