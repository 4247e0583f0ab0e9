"""The viewer's coming meetings as a page shows them, without loading entities."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from ..people.person import Person
from .guest_lists import GuestList
from .meeting import IS_COMING, Meeting, moments
from .met import SMALL


class MeetingRow(NamedTuple):
    """A meeting of the viewer's; `size` is that of the guest list."""

    key: str
    starts_at: datetime
    ends_at: datetime
    all_day: bool
    title: str
    location: str
    guest_list_id: int
    size: int

    @property
    def is_small(self) -> bool:
        """Whether one really meets everybody in it."""
        return self.size <= SMALL

    def day(self, now: datetime, zone: ZoneInfo) -> date:
        """The viewer's day on which it is; today for what began earlier."""
        starts = self.starts_at.astimezone(UTC if self.all_day else zone)
        return max(starts.date(), now.astimezone(zone).date())


MEETING_COLUMNS = (*(getattr(Meeting, n) for n in MeetingRow._fields[:-1]), GuestList.size)
IS_MINE_AND_COMING = (
    (Meeting.owner_id == bindparam("viewer_id"))
    & IS_COMING
    & (Meeting.starts_at < bindparam("until"))
)
_COMING = (
    select(*MEETING_COLUMNS)
    .join(GuestList, GuestList.id == Meeting.guest_list_id)
    .where(IS_MINE_AND_COMING)
    .order_by(Meeting.starts_at, Meeting.id)
    .limit(bindparam("limit"))
)


class OwnMeeting(NamedTuple):
    """What the viewer's own calendar says of a meeting."""

    key: str
    title: str
    all_day: bool


OWN_COLUMNS = tuple(getattr(Meeting, name) for name in OwnMeeting._fields)


def own_titles(session: Session, viewer: Person, keys: Iterable[str]) -> dict[str, OwnMeeting]:
    """The meetings with these keys in the viewer's own calendar, by key."""
    query = select(*OWN_COLUMNS).where(Meeting.owner_id == viewer.id, Meeting.key.in_(set(keys)))
    return {row.key: OwnMeeting(*row) for row in session.execute(query)}


def coming(
    session: Session, viewer: Person, now: datetime, zone: ZoneInfo, ahead: timedelta, limit: int
) -> Sequence[MeetingRow]:
    """Those that begin within `ahead`, the next first. `zone` is the viewer's."""
    values = {"viewer_id": viewer.id, "until": now + ahead, "limit": limit, **moments(now, zone)}
    return [MeetingRow(*row) for row in session.execute(_COMING, values)]
