"""The coming meetings: whom to meet in each, whom the viewer knows, and guests from outside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from ..meetings.coming import MeetingRow, coming
from ..meetings.meeting import LAST_ZONE
from ..people.listing import following
from ..people.person import Person
from ..people.row import PersonRow
from .greeting import Greeting, greeting_of
from .invited import Invited, invited, meetings_with
from .reasons import NO_REASON, Known, Me, Reason, rarest
from .recent import RecentHellos, recent_hellos

WEEK = timedelta(days=7)
MANY = 50
FOLLOWED = 200
"""Of so many people whom the viewer follows the team may be a reason."""


@dataclass(frozen=True)
class UpcomingMeeting:
    """A coming meeting: whom to meet, whom the viewer knows, and guests from outside.

    Whom the viewer meets in an earlier meeting is not in `to_meet` again.
    """

    meeting: MeetingRow
    day: date
    """The viewer's day on which it is; today for what began earlier."""
    is_read: bool
    """Whether its people are known. Those of a large meeting are not, while its day is folded."""
    is_running: bool
    to_meet: list[Greeting] = field(default_factory=list)
    known: list[Greeting] = field(default_factory=list)
    guests: list[str] = field(default_factory=list)
    people: list[PersonRow] = field(default_factory=list)
    """Everybody from here, whether they are in an earlier meeting too or not."""


@dataclass(frozen=True)
class Upcoming:
    """The meetings of the coming week, and what the viewer and others have said lately."""

    meetings: list[UpcomingMeeting]
    recent: RecentHellos
    followed: Sequence[PersonRow]
    """Whom the viewer follows and may see, leavers too, the latest first."""
    now: datetime
    today: date

    def days(self) -> list[tuple[date, list[UpcomingMeeting]]]:
        return [(day, list(some)) for day, some in groupby(self.meetings, key=lambda m: m.day)]


def coming_week(
    session: Session,
    viewer: Person,
    now: datetime,
    zone: ZoneInfo,
    *,
    on: date | None = None,
    key: str | None = None,
    followed: Sequence[PersonRow] | None = None,
) -> Upcoming:
    """In four queries, however many meetings and people there are.

    Of a large meeting the people are read where a page shows them: today, on the day of the next
    meeting, on the day `on`, in the meeting of that `key`, and where something was said.
    `followed` are the people whom the viewer follows, where the caller has them.
    """
    today = now.astimezone(zone).date()
    days = [(m.day(now, zone), m) for m in coming(session, viewer, now, zone, WEEK, MANY)]
    # A whole day begins at midnight UTC, which is another day west of it.
    days.sort(key=lambda found: (found[0], not found[1].all_day, found[1].starts_at))
    recent = recent_hellos(session, viewer, now)
    if followed is None:
        followed = following(session, viewer, FOLLOWED)
    is_open = {today, on, *(day for day, _ in days[:1])}
    said = {key, *recent.meetings}
    meetings = [
        UpcomingMeeting(
            meeting,
            day,
            is_read=meeting.is_small or day in is_open or meeting.key in said,
            is_running=not meeting.all_day and meeting.starts_at <= now,
        )
        for day, meeting in days
    ]
    lists = [m.meeting.guest_list_id for m in meetings if m.is_read]
    guests = invited(session, viewer, now, lists)
    _fill(meetings, guests, recent, _known(viewer, recent, followed, now))
    return Upcoming(meetings, recent, followed, now, today)


def shared_greeting(
    session: Session,
    viewer: Person,
    person: Person | PersonRow,
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
    zone = LAST_ZONE if key else zone  # as `say_hi` has it
    rows = meetings_with(session, viewer, person, now, zone, MANY)
    meeting, row = next((r for r in rows if key in (None, r[0].key)), (None, None))
    if meeting is None or row is None or row.person is None:
        return None
    recent = recent or recent_hellos(session, viewer, now)
    known = _known(viewer, recent, following(session, viewer, FOLLOWED), now)
    often = sum(m.is_small and m.starts_at < now + WEEK for m, _ in rows)
    reasons = known.reasons(row, often)
    kind, _, nth = choice.partition(".")
    chosen = [r for r in reasons if r.kind == kind] if choice else []
    reason = rarest({person.id: chosen or ([] if kind == "" and choice else reasons)})[person.id]
    return greeting_of(
        known.me,
        row.person,
        meeting,
        recent,
        is_known=known.knows(row),
        reason=reason,
        nth=int(nth) if nth.isdecimal() and nth.isascii() else viewer.id + person.id,
    )


def _known(
    viewer: Person, recent: RecentHellos, followed: Sequence[PersonRow], now: datetime
) -> Known:
    answered = frozenset(id for id in recent.by_person if recent.has_answered(id))
    return Known(Me.of(viewer), now, followed, answered)


Place = tuple[MeetingRow, Invited]
"""One person in one meeting."""


def _fill(
    meetings: Sequence[UpcomingMeeting],
    guests: dict[int, list[Invited]],
    recent: RecentHellos,
    known: Known,
) -> None:
    """Put the people of each meeting into it."""
    by_person: dict[int, list[Place]] = {}
    for ahead in meetings:
        for row in guests.get(ahead.meeting.guest_list_id, ()) if ahead.is_read else ():
            if row.person is None:
                ahead.guests.append(row.guest)
            elif row.person.id != known.me.id:
                ahead.people.append(row.person)
                by_person.setdefault(row.person.id, []).append((ahead.meeting, row))
    strangers = {id: some for id, some in by_person.items() if not known.knows(some[0][1])}
    reasons = _reasons(strangers, known)
    lines = _lines(reasons, known.me.id)
    for ahead in meetings:
        for person in ahead.people:
            theirs = [meeting for meeting, _ in by_person[person.id]]
            is_known = person.id not in strangers
            if not is_known and ahead.meeting is not _shown_in(person, theirs, recent):
                continue
            greeting = greeting_of(
                known.me,
                person,
                ahead.meeting,
                recent,
                is_known=is_known,
                reason=reasons.get(person.id, NO_REASON),
                nth=lines.get(person.id, 0),
                also=() if is_known else _also(ahead.meeting, theirs),
            )
            (ahead.known if greeting.state == "known" else ahead.to_meet).append(greeting)
        ahead.to_meet.sort(key=_rank)


def _reasons(strangers: Mapping[int, Sequence[Place]], known: Known) -> dict[int, Reason]:
    """For each of those whom the viewer does not know, by their first meeting."""
    often = {id: sum(m.is_small for m, _ in some) for id, some in strangers.items()}
    return rarest({id: known.reasons(s[0][1], often[id]) for id, s in strangers.items()})


def _lines(reasons: Mapping[int, Reason], viewer_id: int) -> dict[int, int]:
    """For each person the number of a line: neighbours with the same reason get other words, and so
    do several senders to one person."""
    kinds = Counter[str]()
    lines = {}
    for id, reason in reasons.items():
        lines[id] = (viewer_id + kinds[reason.kind]) % 12
        kinds[reason.kind] += 1
    return lines


def _shown_in(person: PersonRow, theirs: Sequence[MeetingRow], recent: RecentHellos) -> MeetingRow:
    """The one meeting of several with a person in which they are shown: where something was said,
    else the first."""
    keys = {h.meeting_key for h in recent.with_person(person.id)}
    return next((m for m in theirs if m.key in keys), theirs[0])


def _also(meeting: MeetingRow, theirs: Sequence[MeetingRow]) -> tuple[datetime, ...]:
    """When they meet again, where it is not the whole day and not in a crowd."""
    others = (m for m in theirs if m is not meeting and m.is_small and not m.all_day)
    return tuple(m.starts_at for m in others)


def _rank(greeting: Greeting) -> int:
    """People who said hi to the viewer come first, then those with a reason."""
    if greeting.state == "received":
        return 0
    if greeting.hello:
        return 1
    return 2 if greeting.reason.kind else 3
