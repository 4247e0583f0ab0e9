"""The coming meetings: whom to meet in each, whom the viewer knows, and guests from outside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from ..meetings.guest_lists import Guest
from ..meetings.meeting import AHEAD, Meeting
from ..meetings.met import SMALL
from ..people.listing import following
from ..people.person import Person
from .greeting import Greeting, greeting_of
from .invited import Invited, by_meeting, invited
from .reasons import NO_REASON, Known, rarest
from .recent import RecentHellos, recent_hellos

WEEK = timedelta(days=7)
_LAST_ZONE = ZoneInfo("Etc/GMT+12")
MANY = 50
FOLLOWED = 200
"""Of so many people whom the viewer follows the team may be a reason."""


@dataclass(frozen=True)
class UpcomingMeeting:
    """A coming meeting: whom to meet, whom the viewer knows, and guests from outside.

    Whom the viewer meets in an earlier meeting is not in `to_meet` again.
    """

    meeting: Meeting
    size: int = 0
    to_meet: list[Greeting] = field(default_factory=list)
    known: list[Greeting] = field(default_factory=list)
    guests: list[str] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    """Everybody from here, whether they are in an earlier meeting too or not."""

    @property
    def is_small(self) -> bool:
        """Whether one really meets everybody in it."""
        return self.size <= SMALL

    def is_running(self, now: datetime) -> bool:
        return not self.meeting.all_day and self.meeting.starts_at <= now

    def day(self, now: datetime, zone: ZoneInfo) -> date:
        """The viewer's day on which it is; today for what began earlier."""
        starts = self.meeting.starts_at.astimezone(UTC if self.meeting.all_day else zone)
        return max(starts.date(), now.astimezone(zone).date())


@dataclass(frozen=True)
class Upcoming:
    """The meetings of the coming week, and what the viewer and others have said lately."""

    meetings: list[UpcomingMeeting]
    recent: RecentHellos
    followed: Sequence[Person]
    """Whom the viewer follows and may see, leavers too, the latest first."""
    now: datetime
    zone: ZoneInfo

    def days(self) -> list[tuple[date, list[UpcomingMeeting]]]:
        by_day = groupby(self.meetings, key=lambda m: m.day(self.now, self.zone))
        return [(day, list(some)) for day, some in by_day]

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()


def coming_week(
    session: Session, viewer: Person, now: datetime, zone: ZoneInfo, *, ahead: timedelta = WEEK
) -> Upcoming:
    """In three queries, however many meetings and people there are."""
    rows = invited(session, viewer, now, zone, ahead, MANY)
    recent = recent_hellos(session, viewer, now)
    followed = following(session, viewer, FOLLOWED)
    meetings = _meetings(viewer, rows, recent, _known(viewer, recent, followed, now))
    # A whole day begins at midnight UTC, which is another day west of it.
    meetings.sort(key=lambda m: (m.day(now, zone), not m.meeting.all_day, m.meeting.starts_at))
    return Upcoming(meetings, recent, followed, now, zone)


def shared_greeting(
    session: Session,
    viewer: Person,
    person: Person,
    now: datetime,
    zone: ZoneInfo,
    recent: RecentHellos | None = None,
    key: str | None = None,
    choice: str = "",
) -> Greeting | None:
    """The greeting with one person before the meeting of that key, or the next that they share.

    `choice` is that of a greeting that a page has shown.
    """
    if person.id == viewer.id:
        return None
    with_them = Guest.person_id == person.id
    zone = _LAST_ZONE if key else zone  # as `coming_one` has it
    rows = [r for r in invited(session, viewer, now, zone, AHEAD, MANY, with_them) if r.person]
    row = next((r for r in rows if key in (None, r.meeting.key)), None)
    if row is None:
        return None
    recent = recent or recent_hellos(session, viewer, now)
    known = _known(viewer, recent, following(session, viewer, FOLLOWED), now)
    often = sum(r.size <= SMALL and r.meeting.starts_at < now + WEEK for r in rows)
    reasons = known.reasons(row, often)
    kind, _, nth = choice.partition(".")
    chosen = [r for r in reasons if r.kind == kind] if choice else []
    reason = rarest({person.id: chosen or ([] if kind == "" and choice else reasons)})[person.id]
    return greeting_of(
        viewer,
        person,
        row.meeting,
        recent,
        is_known=known.knows(row),
        reason=reason,
        nth=int(nth) if nth.isdecimal() and nth.isascii() else viewer.id + person.id,
    )


def _known(
    viewer: Person, recent: RecentHellos, followed: Sequence[Person], now: datetime
) -> Known:
    answered = frozenset(id for id in recent.by_person if recent.has_answered(id))
    return Known(viewer, now, {p.id: p for p in followed}, answered)


def _meetings(
    viewer: Person, rows: Sequence[Invited], recent: RecentHellos, known: Known
) -> list[UpcomingMeeting]:
    by_person: dict[int, list[Invited]] = {}
    for row in rows:
        if row.person and row.person.id != viewer.id:
            by_person.setdefault(row.person.id, []).append(row)
    strangers = {id: some for id, some in by_person.items() if not known.knows(some[0])}
    reasons = rarest(
        {
            id: known.reasons(some[0], sum(r.size <= SMALL for r in some))
            for id, some in strangers.items()
        }
    )
    # Neighbours with the same reason get other words, and so do several senders to one person.
    kinds = Counter[str]()
    lines = {}
    for id in strangers:
        lines[id] = (viewer.id + kinds[reasons[id].kind]) % 12
        kinds[reasons[id].kind] += 1
    meetings = []
    for meeting, some in by_meeting(rows):
        ahead = UpcomingMeeting(meeting, some[0].size)
        ahead.guests.extend(r.guest for r in some if r.guest)
        for person in (r.person for r in some if r.person and r.person.id in by_person):
            is_known = person.id not in strangers
            greeting = greeting_of(
                viewer,
                person,
                meeting,
                recent,
                is_known=is_known,
                reason=reasons.get(person.id, NO_REASON),
                nth=lines.get(person.id, 0),
            )
            theirs = by_person[person.id]
            ahead.people.append(person)
            if greeting.state == "known":
                ahead.known.append(greeting)
            elif is_known or meeting is _shown_in(theirs, recent):
                also = (r.meeting for r in theirs if r.meeting is not meeting and r.size <= SMALL)
                times = () if is_known else tuple(m.starts_at for m in also if not m.all_day)
                ahead.to_meet.append(replace(greeting, also=times))
        ahead.to_meet.sort(key=_rank)
        meetings.append(ahead)
    return meetings


def _shown_in(rows: Sequence[Invited], recent: RecentHellos) -> Meeting:
    """The one meeting of several with a person in which they are shown: where something was said,
    else the first."""
    person = rows[0].person
    keys = {h.meeting_key for h in recent.with_person(person.id)} if person else set()
    return next((r.meeting for r in rows if r.meeting.key in keys), rows[0].meeting)


def _rank(greeting: Greeting) -> int:
    """People who said hi to the viewer come first, then those with a reason."""
    if greeting.state == "received":
        return 0
    if greeting.hello:
        return 1
    return 2 if greeting.reason.kind else 3
