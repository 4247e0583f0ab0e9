"""What of the coming meetings is open on a page, and what is folded into one sentence."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

from ..people.person import Person
from .greeting import Greeting
from .upcoming import Upcoming, UpcomingMeeting

ROWS = 12
"""At most so many greetings are open on a page; what was said is always shown."""
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


@dataclass(frozen=True)
class NextSection:
    """The next meeting, and what is later today."""

    section: Section
    later: list[UpcomingMeeting]


@dataclass(frozen=True)
class Day:
    """A day with meetings. Folded, it is a sentence about `new`, the people to meet."""

    date: date
    sections: list[Section] = field(default_factory=list)
    is_open: bool = True
    new: list[Person] = field(default_factory=list)
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
    week: Upcoming, ahead: UpcomingMeeting, limit: int, without: Collection[int] = ()
) -> Section:
    """With at most `limit` greetings open. `without` are people who are shown elsewhere."""
    to_meet = [g for g in ahead.to_meet if g.person.id not in without]
    shown = limit if ahead.is_small else min(OF_LARGE, limit)
    rows = [g for n, g in enumerate(to_meet) if n < shown or g.hello]
    rest = [g for g in to_meet if g not in rows]
    return Section(ahead, rows, rest, ahead.is_running(week.now))


def whole_section(week: Upcoming, ahead: UpcomingMeeting) -> Section:
    """With everybody."""
    return Section(ahead, ahead.to_meet, [], ahead.is_running(week.now))


def next_section(week: Upcoming, without: Collection[int] = ()) -> NextSection | None:
    """The next meeting with somebody to meet, or else the next; and what is later today."""
    meetings = week.meetings
    with_new = (m for m in meetings if m.to_meet and m.day(week.now, week.zone) == week.today)
    ahead = next(with_new, next(iter(meetings), None))
    if ahead is None:
        return None
    later = [
        m for m in meetings[meetings.index(ahead) + 1 :] if m.day(week.now, week.zone) == week.today
    ]
    return NextSection(section_of(week, ahead, OF_NEXT, without), later)


def _small_first(ahead: UpcomingMeeting) -> list[Greeting]:
    return ahead.to_meet if ahead.is_small else ahead.to_meet[:OF_LARGE]
