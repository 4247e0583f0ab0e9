"""Reads all calendars in advance, so that pages never wait for one."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from ..calendars.source import (
    CalendarError,
    CalendarMissing,
    CalendarSource,
    Owner,
    Reading,
)
from ..db.statistics import gather_first_statistics
from ..jobs.lease import LeaseHandle
from ..people.person import Person, active, in_order_for_operators
from ..problems import Problem
from ..signals import meetings_moved
from ..text import one_line
from .addresses import drop_outdated
from .attendees import AddressBook, drop_hidden
from .guest_lists import store_lists
from .meeting import AHEAD, BEHIND, Calendar, Meeting, drop_unused_lists, key_of

log = logging.getLogger(__name__)
MAX_PROBLEMS = 50


GONE = Problem("calendar-gone")
SHARED = Problem("calendar-shared-mail")

_NAMES = (Person.handle, Person.mail, Person.name, Person.directory_id, Person.is_hidden)


@dataclass
class CalendarReport:
    """The number of calendars read and changed, and pairs of owner and problem."""

    read: int = 0
    changed: int = 0
    problems: list[tuple[str, Problem]] = field(default_factory=list)


def refresh(
    session: Session,
    sources: Sequence[CalendarSource],
    now: datetime,
    progress: Callable[[int, int], None] = lambda n, of: None,
) -> CalendarReport:
    """Read all calendars and store the coming meetings. Commits after each person.

    If a calendar cannot be read, its meetings are kept and the report has the problem. `progress`
    gets the number of people done and of all. Raises AlreadyRunning, or LeaseLost if another run
    took over.
    """
    lease = LeaseHandle(session, "calendars")
    try:
        return _refresh(session, sources, now, progress, lease)
    finally:
        session.rollback()
        lease.release()
        session.commit()


def calendar_problems(session: Session) -> list[tuple[str, Problem]]:
    """The problems of the last reading, as pairs of owner and problem."""
    query = select(*_NAMES, Calendar.problems).join(Calendar, Calendar.person_id == Person.id)
    rows = session.execute(
        query.where(Calendar.problems.is_not(None)).order_by(*in_order_for_operators())
    )
    return [_for_operators(row, problem) for row in rows for problem in row.problems]


def _refresh(
    session: Session,
    sources: Sequence[CalendarSource],
    now: datetime,
    progress: Callable[[int, int], None],
    lease: LeaseHandle,
) -> CalendarReport:
    drop_outdated(session)
    drop_hidden(session)
    session.commit()
    run = _Run(session, sources, now)
    owners = session.execute(
        select(Person.id, *_NAMES).where(active(), Person.handle.is_not(None)).order_by(Person.id)
    ).all()
    for n, row in enumerate(owners, 1):
        run.read(row)
        lease.renew_when_due()
        run.store(row)
        session.commit()
        progress(n, len(owners))
    # Somebody may have been hidden during the run.
    drop_hidden(session)
    session.commit()
    drop_unused_lists(session)
    session.commit()
    gather_first_statistics(session)
    return run.report


class _Run:
    """One run. `read` a calendar without writing anything, then `store` it."""

    def __init__(self, session: Session, sources: Sequence[CalendarSource], now: datetime) -> None:
        self.session, self.sources, self.now = session, sources, now
        self.report, self.address_book = CalendarReport(), AddressBook(session)
        self.uses_mail = any(getattr(s, "uses_mail", True) for s in sources)
        self._with_calendar = set(session.scalars(select(Calendar.person_id)))
        self._readings: list[Reading] | None = None
        """None if a source failed."""
        self._problems: list[Problem] = []
        self._mail: str | None = None
        """The address by which it was read."""

    def read(self, row: Any) -> None:
        """Read the calendar of one person. `row` has the id and _NAMES."""
        is_shared = bool(row.mail) and self.address_book.ids.get(row.mail) != row.id
        self._mail = None if is_shared else row.mail or None
        self._problems = [SHARED] if is_shared and self.uses_mail else []
        try:
            owner = Owner(row.handle, self._mail)
            self._readings = [r for s in self.sources if (r := self._read(s, owner))]
            self._problems += [_as_problem(p) for r in self._readings for p in r.problems]
        except CalendarError as e:
            self._readings = None
            self._problems.append(e.problem)
        except Exception as e:  # a source of the host may raise anything
            log.exception("A calendar source failed.")
            # The source may share our session and leave a failed transaction.
            self.session.rollback()
            self._readings = None
            self._problems.append(Problem("calendar-source-failed", "", type(e).__name__))

    def _read(self, source: CalendarSource, owner: Owner) -> Reading | None:
        try:
            return source.read(owner, self.now - BEHIND, self.now + AHEAD)
        except CalendarMissing:
            return None

    def store(self, row: Any) -> None:
        """Store the meetings that were just read, of the same person."""
        readings = self._readings
        if readings == [] and not self._problems and row.id not in self._with_calendar:
            return
        calendar = self.session.get(Calendar, row.id)
        if readings == [] and calendar and _has_coming(self.session, row.id, self.now):
            # A failed export or an unmounted share must not cancel meetings.
            readings = None
            self._problems.append(GONE)
        self.report.problems += (_for_operators(row, problem) for problem in self._problems)
        if calendar is None:
            calendar = Calendar(person_id=row.id, digest="")
            self.session.add(calendar)
        calendar.read_at, calendar.problems = self.now, self._problems[:MAX_PROBLEMS]
        if readings is None:
            return
        self.report.read += bool(readings)
        calendar.mail = (self._mail or "") if self.uses_mail else ""
        digest = _digest(readings, self.address_book)
        if digest != calendar.digest:
            self.report.changed += 1
            calendar.digest = digest
            _replace(self.session, row.id, readings, self.address_book)


def _for_operators(row: Any, problem: Problem) -> tuple[str, Problem]:
    """The owner and the problem, for operators. Hidden people appear by id only, also inside the
    problem, where a file name may contain their name."""
    if not row.is_hidden:
        return row.handle or "", problem
    names = (row.mail, row.name, row.mail.partition("@")[0], row.handle)
    for name in filter(None, names):
        pattern = rf"(?<![^\W_]){re.escape(name)}(?![^\W_])"
        hide = partial(re.sub, pattern, row.directory_id, flags=re.IGNORECASE)
        problem = Problem(problem.code, hide(problem.subject), hide(problem.detail))
    return row.directory_id, problem


def _as_problem(problem: Problem | str) -> Problem:
    return problem if isinstance(problem, Problem) else Problem("calendar-failed", "", problem)


def _has_coming(session: Session, person_id: int, now: datetime) -> bool:
    coming = select(Meeting.id).where(Meeting.owner_id == person_id, Meeting.ends_at > now)
    return session.scalar(coming.limit(1)) is not None


def _digest(readings: list[Reading], address_book: AddressBook) -> str:
    """The digest of what would be stored, after addresses are matched and hidden people removed."""
    if not readings:
        return ""
    meetings = (m for r in readings for m in r.meetings)
    content = [
        (replace(m, organizer=None, attendees=()), address_book.people_in(m)) for m in meetings
    ]
    return hashlib.sha256(repr(content).encode()).hexdigest()


def _replace(
    session: Session, person_id: int, readings: list[Reading], address_book: AddressBook
) -> None:
    session.execute(delete(Meeting).where(Meeting.owner_id == person_id))
    occurrences = {key_of(m): m for r in readings for m in r.meetings}
    if not occurrences:
        return
    people = {key: address_book.people_in(m) for key, m in occurrences.items()}
    list_ids = store_lists(session, set(people.values()))
    rows: list[dict[str, Any]] = [
        {
            "owner_id": person_id,
            "key": key,
            "starts_at": m.starts_at,
            "ends_at": m.ends_at,
            "all_day": m.all_day,
            "title": one_line(m.title),
            "location": one_line(m.location),
            "guest_list_id": list_ids[people[key]],
        }
        for key, m in occurrences.items()
    ]
    session.execute(insert(Meeting), rows)
    by_key = {row["key"]: row for row in rows}
    meetings_moved.send(session, owner_id=person_id, meetings=by_key)
