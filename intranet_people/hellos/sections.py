"""What of the coming meetings is open on a page, and what is folded into one sentence."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

from ..people.row import PersonRow
from .greeting import Greeting
from .upcoming import Upcoming, UpcomingMeeting

ROWS = 12
"""At most so many greetings are open on a page; what the viewer said is always shown."""
OF_NEXT = 5
"""On the first page and in the widget."""
OF_LARGE = 4
"""Of a large meeting at most so many are open."""


@dataclass(frozen=True)
class Section:
    """One meeting as a page shows it: some greetings open, the rest as faces."""

    ahead: UpcomingMeeting
    rows: list[Greeting]
    rest: list[Greeting]
    is_running: bool

    @property
    def faces(self) -> list[PersonRow]:
        """Those who are not in a row."""
        shown = {g.person.id for g in self.rows}
        return [p for p in self.ahead.people if p.id not in shown]


@dataclass(frozen=True)
class Next:
    """What comes next: the meeting that runs, the next one, and what is later today."""

    sections: list[Section]
    later: list[UpcomingMeeting]


@dataclass(frozen=True)
class Day:
    """A day with meetings. Folded, it is a sentence about `new`, the people to meet."""

    date: date
    sections: list[Section] = field(default_factory=list)
    is_open: bool = True
    new: list[PersonRow] = field(default_factory=list)
    meetings: list[UpcomingMeeting] = field(default_factory=list)


def days_of(week: Upcoming, *, on: date | None = None) -> list[Day]:
    """The days of the week: today and the day of the next meeting open, or the day `on` as well."""
    days = list[Day]()
    left = ROWS
    for day, meetings in week.days():
        new = list({g.person.id: g.person for m in meetings for g in _small_first(m)}.values())
        is_open = not days or day in (on, week.today)
        sections: list[Section] = []
        if is_open:
            for ahead in meetings:
                sections.append(section_of(week, ahead, left if day != on else ROWS))
                left -= len(sections[-1].rows)
        days.append(Day(day, sections, is_open, new, meetings))
    return days


def section_of(
    week: Upcoming,
    ahead: UpcomingMeeting,
    limit: int,
    without: Collection[int] = (),
    *,
    is_whole: bool = False,
) -> Section:
    """With at most `limit` greetings open, of a large meeting a few unless `is_whole`. `without`
    are people who are shown elsewhere."""
    to_meet = [g for g in ahead.to_meet if g.person.id not in without]
    shown = limit if ahead.meeting.is_small or is_whole else min(OF_LARGE, limit)
    if ahead.is_running:
        # The time for a first hi is over: everybody is shown by face and name.
        return Section(ahead, [g for g in to_meet if g.hello], [], is_running=True)
    rows = [g for n, g in enumerate(to_meet) if n < shown or (g.hello and g.state != "received")]
    rest = [g for g in to_meet if g not in rows]
    return Section(ahead, rows, rest, is_running=False)


def whole_section(week: Upcoming, ahead: UpcomingMeeting) -> Section:
    """With everybody."""
    return section_of(week, ahead, len(ahead.to_meet), is_whole=True)


def next_of(week: Upcoming, without: Collection[int] = ()) -> Next | None:
    """None if there is no meeting. The next one is that with somebody to meet today, or else the
    very next."""
    if not week.meetings:
        return None
    # Of several, the one that began last: the other may go on for days.
    running = [m for m in week.meetings if m.is_running][-1:]
    coming = [m for m in week.meetings if not m.is_running]
    today = [m for m in coming if m.day == week.today]
    shown = running + [m for m in today if m.to_meet][:1] or coming[:1]
    later = [m for m in today if m not in shown]
    return Next([section_of(week, m, OF_NEXT, without) for m in shown], later)


def _small_first(ahead: UpcomingMeeting) -> list[Greeting]:
    return ahead.to_meet if ahead.meeting.is_small else ahead.to_meet[:OF_LARGE]
