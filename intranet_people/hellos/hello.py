"""A hi before a meeting, and hi back: one per pair and meeting, and a few a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import (
    ForeignKey,
    Integer,
    UniqueConstraint,
    bindparam,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from ..db.base import Base
from ..db.rows import insert_once, lock
from ..db.types import UTCDateTime
from ..i18n.texts import gettext
from ..meetings.meeting import ends_everywhere
from ..meetings.shared import NotComing, When, shared_meeting
from ..people.person import Person
from ..people.visible import VIEWER
from ..signals import hi_answered, hi_said, send
from ..text import one_line

MAX_LINE = 280
MAX_PER_DAY = 10
DAY, COOLDOWN = timedelta(days=1), timedelta(days=30)


class HiRefused(Exception):
    """This hi cannot be said. The text tells the sender why, in a kind way."""


class Hello(Base):
    """One hi. It has no title: each of the two sees the title in their own calendar."""

    __tablename__ = "people_hello"

    id: Mapped[int] = mapped_column(primary_key=True)
    sender_id: Mapped[int] = mapped_column(ForeignKey(Person.id, ondelete="CASCADE"), index=True)
    receiver_id: Mapped[int] = mapped_column(ForeignKey(Person.id, ondelete="CASCADE"), index=True)
    low_id: Mapped[int]
    high_id: Mapped[int]
    """The pair in order of their ids, so that it is the same pair whoever began."""
    meeting_key: Mapped[str]
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)
    text: Mapped[str]
    sent_at: Mapped[datetime] = mapped_column(UTCDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """A withdrawn hi is shown to nobody but still counts as one of the day's ten."""
    reply: Mapped[str | None]
    replied_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reply_seen_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When the sender saw the answer: for their own badge, never shown to anybody else."""
    sender_met_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    receiver_met_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When each of the two said that they met."""
    met_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When both had said it first. Kept after an undo, as the signal was sent."""

    # Without autoincrement SQLite would reuse the id of an erased hello, and a form on an old page
    # would answer another one.
    __table_args__ = (
        UniqueConstraint("low_id", "high_id", "meeting_key"),
        {"sqlite_autoincrement": True},
    )

    def is_of(self, person: Person) -> bool:
        """Whether they sent or received it."""
        return person.id in (self.low_id, self.high_id)

    def other(self, viewer: Person) -> int:
        return self.receiver_id if self.sender_id == viewer.id else self.sender_id

    def met_of(self, person_id: int) -> datetime | None:
        """When that one of the two said that they met."""
        return self.sender_met_at if self.sender_id == person_id else self.receiver_met_at

    @property
    def is_met(self) -> bool:
        """Whether both said that they met."""
        return bool(self.sender_met_at and self.receiver_met_at)


def say_hi(
    session: Session, viewer: Person, person: Person, key: str, line: str, now: datetime
) -> Hello:
    """Say hi to `person` before the meeting of that key. Commits.

    Said twice, it is said once; said to somebody who just said hi, it is hi back.
    Raises HiRefused.
    """
    check_not_hidden(viewer)
    meeting = _shared_meeting(session, viewer, person, key, now)
    # Count and insert under one lock, so that many clicks at once cannot exceed the limit.
    lock(session, Person, viewer.id)
    said = _said_lately(session, viewer, person, key, now)
    hello = next((h for h in said if h.meeting_key == key and h.is_of(person)), None)
    if hello and not hello.withdrawn_at:
        return _met_halfway(session, viewer, hello, line, now)
    is_said_again = hello is not None and hello.sender_id == viewer.id
    if reason := _reason_not_to(viewer, person, said, now, counts=not is_said_again):
        session.commit()  # releases the lock; nothing was written
        raise HiRefused(reason)
    ids = {"sender_id": viewer.id, "receiver_id": person.id}
    hello = _write(session, viewer, person, meeting, line, now, key)
    if hello.sender_id != ids["sender_id"]:
        return _met_halfway(session, viewer, hello, line, now)
    hello_id = hello.id
    session.commit()
    if not is_said_again:
        # Sent once per pair and meeting, however often it is withdrawn and said again.
        send(session, hi_said, hello_id=hello_id, **ids)
    return hello


def hi_back(session: Session, viewer: Person, hello: Hello, line: str, now: datetime) -> None:
    """Answer a hi that was said to the viewer; the first answer counts. Commits."""
    if hello.receiver_id != viewer.id:
        raise HiRefused(gettext("That hi was not said to you."))
    check_not_hidden(viewer)
    if hello.replied_at is None and hello.ends_at <= now:
        raise HiRefused(gettext("That meeting is over. There will be another."))
    answered = session.execute(
        update(Hello)
        .where(Hello.id == hello.id, Hello.replied_at.is_(None), Hello.withdrawn_at.is_(None))
        .values(reply=one_line(line, MAX_LINE) or gettext("Hi back."), replied_at=now)
        .returning(Hello.id)
    ).all()
    session.commit()
    session.refresh(hello)
    if hello.withdrawn_at:
        raise HiRefused(gettext("They took it back."))
    if answered:
        ids = {"sender_id": hello.sender_id, "receiver_id": hello.receiver_id}
        send(session, hi_answered, hello_id=hello.id, **ids)


def check_not_hidden(viewer: Person) -> None:
    """Raises HiRefused: a hello from somebody whom the directory hides would reveal them."""
    if viewer.is_hidden:
        raise HiRefused(
            gettext(
                "Your company's directory hides you, and a hi would show you. Nothing was sent."
            )
        )


def withdraw(session: Session, viewer: Person, hello: Hello, now: datetime) -> None:
    """Undo a hi of the viewer's that nobody has answered yet. Commits."""
    session.execute(
        update(Hello)
        .where(Hello.id == hello.id, Hello.sender_id == viewer.id, Hello.replied_at.is_(None))
        .values(withdrawn_at=now)
    )
    session.commit()


def _shared_meeting(
    session: Session, viewer: Person, person: Person, key: str, now: datetime
) -> When:
    try:
        meeting = shared_meeting(session, viewer, person, key, now)
    except NotComing:
        over = gettext("That meeting is over, or no longer in your calendar.")
        raise HiRefused(over) from None
    if meeting is None:
        raise HiRefused(gettext("%(name)s is not in that meeting.", name=person.name))
    return meeting


_PERSON = bindparam("person_id", type_=Integer)
_LOW, _HIGH = (bindparam(name, type_=Integer) for name in ("low", "high"))
_IS_MINE = Hello.sender_id == VIEWER.id
_OF_PAIR = (Hello.low_id == _LOW) & (Hello.high_id == _HIGH)
_SAID_LATELY = select(Hello).where(
    (_OF_PAIR & (Hello.meeting_key == bindparam("key")))
    | (_IS_MINE & (Hello.sent_at > bindparam("yesterday")))
    | (_IS_MINE & (Hello.receiver_id == _PERSON) & (Hello.sent_at > bindparam("long_ago")))
)


def _said_lately(
    session: Session, viewer: Person, person: Person, key: str, now: datetime
) -> Sequence[Hello]:
    """What the two said before that meeting, all that the viewer said today, and to the person in
    the time that a hi rests."""
    low, high = sorted((viewer.id, person.id))
    ids = {"viewer_id": viewer.id, "person_id": person.id, "low": low, "high": high, "key": key}
    values = {**ids, "yesterday": now - DAY, "long_ago": now - COOLDOWN}
    # The rows are locked by now: what the session has of them may be old.
    anew = {"populate_existing": True}
    return session.scalars(_SAID_LATELY, values, execution_options=anew).all()


def _write(
    session: Session,
    viewer: Person,
    person: Person,
    meeting: When,
    line: str,
    now: datetime,
    key: str,
) -> Hello:
    """The pair's one row for the meeting, sent by the viewer unless the other was first."""
    low, high = sorted((viewer.id, person.id))
    pair = {"low_id": low, "high_id": high, "meeting_key": key}
    values = {
        "sender_id": viewer.id,
        "receiver_id": person.id,
        "starts_at": meeting.starts_at,
        "ends_at": ends_everywhere(meeting.ends_at, meeting.all_day),
        "text": one_line(line, MAX_LINE) or gettext("Hi."),
        "sent_at": now,
        "withdrawn_at": None,
    }
    if hello := insert_once(session, Hello, **pair, **values):
        return hello
    was_withdrawn = Hello.withdrawn_at.is_not(None)
    session.execute(update(Hello).filter_by(**pair).where(was_withdrawn).values(**values))
    found = select(Hello).filter_by(**pair)
    return session.scalars(found, execution_options={"populate_existing": True}).one()


def _met_halfway(session: Session, viewer: Person, hello: Hello, line: str, now: datetime) -> Hello:
    session.commit()
    if hello.receiver_id == viewer.id:
        hi_back(session, viewer, hello, line, now)
    return hello


def _reason_not_to(
    viewer: Person, person: Person, said: Sequence[Hello], now: datetime, *, counts: bool
) -> str:
    """Why the viewer cannot say hi to that person now; "" if they can."""
    mine = [h for h in said if h.sender_id == viewer.id]
    if counts and sum(h.sent_at > now - DAY for h in mine) >= MAX_PER_DAY:
        return gettext("That's ten today. Tomorrow is another day.")
    to_person = (h for h in mine if h.receiver_id == person.id)
    if any(h.sent_at > now - COOLDOWN and not (h.withdrawn_at or h.replied_at) for h in to_person):
        return gettext(
            "You said hi to %(name)s not long ago. Let it rest a while.", name=person.name
        )
    return ""
