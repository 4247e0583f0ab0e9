"""Coming meetings, as they are in the calendar of their owner.

Each owner has a row of their own, which is only shown to them. Thus an invented invitation cannot
reveal somebody else's meeting.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, ForeignKey, UniqueConstraint, bindparam, case, exists, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ..calendars.source import CalendarEvent
from ..db.base import Base
from ..db.types import StoredProblems, UTCDateTime
from ..people.person import Person
from ..problems import Problem
from .guest_lists import Guest, GuestList, delete_lists

AHEAD = timedelta(days=14)
BEHIND = timedelta(days=30)
DAY_ELSEWHERE = timedelta(hours=12)
"""So long after its end in UTC a day still lasts in the last time zone."""
LAST_ZONE = ZoneInfo("Etc/GMT+12")
"""Where a day ends last."""
OUTDATED = "outdated"
"""A value of Calendar.digest that makes the next reading count as changed."""


class Calendar(Base):
    """The state of one person's calendar after the last reading."""

    __tablename__ = "people_calendar"

    person_id: Mapped[int] = mapped_column(
        ForeignKey(Person.id, ondelete="CASCADE"), primary_key=True
    )
    read_at: Mapped[datetime] = mapped_column(UTCDateTime)
    digest: Mapped[str] = mapped_column(default="")
    """Of the stored meetings; empty if the calendar could never be read."""
    problems: Mapped[list[Problem]] = mapped_column(StoredProblems, nullable=True)
    mail: Mapped[str] = mapped_column(default="")
    """The address by which the meetings were read; empty if no source uses addresses."""


class Meeting(Base):
    """One occurrence in one person's calendar; `key` is the same in all calendars."""

    __tablename__ = "people_meeting"

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey(Person.id, ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(index=True)
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)
    all_day: Mapped[bool] = mapped_column(default=False)
    title: Mapped[str]
    location: Mapped[str] = mapped_column(default="")
    guest_list_id: Mapped[int] = mapped_column(ForeignKey(GuestList.id), index=True)

    # Never reuse the id of a deleted meeting, which an old page may still have.
    __table_args__ = (UniqueConstraint("owner_id", "key"), {"sqlite_autoincrement": True})


def key_of(occurrence: CalendarEvent) -> str:
    """A digest of UID and RECURRENCE-ID, which all calendars share (RFC 5545 3.8.4.4)."""
    text = f"{occurrence.uid}\0{occurrence.recurrence_id}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def ends_everywhere(ends_at: datetime, all_day: bool) -> datetime:
    """When a meeting is over for everybody: a whole day lasts until it ends in the last zone."""
    return ends_at + DAY_ELSEWHERE if all_day else ends_at


_NOW = bindparam("now", type_=UTCDateTime)
_HERE, _ELSEWHERE = (bindparam(name, type_=UTCDateTime) for name in ("here", "elsewhere"))
IS_COMING = case((Meeting.all_day, Meeting.ends_at > _HERE), else_=Meeting.ends_at > _NOW)
"""A condition: the meeting is not over. A whole day is a day in the viewer's own zone."""
IS_OVER = Meeting.ends_at <= case((Meeting.all_day, _ELSEWHERE), else_=_NOW)
"""A condition: the meeting is over for everybody."""


def moments(now: datetime, zone: ZoneInfo) -> dict[str, datetime]:
    """The values that `IS_COMING` and `IS_OVER` are executed with; `zone` is the viewer's."""
    here = now.astimezone(zone).replace(tzinfo=UTC)
    return {"now": now, "here": here, "elsewhere": now - DAY_ELSEWHERE}


def is_invited(meeting: type[Meeting], person_id: ColumnElement[int]) -> ColumnElement[bool]:
    """A condition: the person is on the guest list of `meeting`, which may be an alias."""
    return exists().where(Guest.list_id == meeting.guest_list_id, Guest.person_id == person_id)


def drop_unused_lists(session: Session) -> None:
    """Delete guest lists that no meeting uses. Only call this with the lease "calendars"."""
    is_used = exists().where(Meeting.guest_list_id == GuestList.id)
    delete_lists(session, session.scalars(select(GuestList.id).where(~is_used)).all())
