"""Reading the calendars ahead, so that no page ever waits for one."""

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
from ..jobs.lease import LeaseHandle
from ..people.person import Person, active, in_order_for_operators
from ..problems import Problem
from ..signals import meetings_moved
from ..text import one_line
from .addresses import drop_outdated
from .guests import store_lists
from .invitees import AddressBook, drop_hidden
from .meeting import AHEAD, BEHIND, Calendar, Meeting, drop_unused_lists, key_of

log = logging.getLogger(__name__)
MOST_PROBLEMS = 50


GONE = Problem("calendar-gone")
SHARED = Problem("calendar-shared-mail")

_NAMES = (Person.handle, Person.mail, Person.name, Person.directory_id, Person.is_hidden)


@dataclass
class CalendarReport:
    """How many calendars were read, how many had news, and what was wrong: (whose, what)."""

    read: int = 0
    changed: int = 0
    problems: list[tuple[str, Problem]] = field(default_factory=list)


def refresh(
    session: Session,
    sources: Sequence[CalendarSource],
    now: datetime,
    progress: Callable[[int, int], None] = lambda n, of: None,
) -> CalendarReport:
    """Read everybody's calendars and keep what is coming. Commits after each person.

    A calendar that cannot be read keeps what it last had, and is in the report. Raises
    AlreadyRunning, and LeaseLost where another run took over.
    """
    lease = LeaseHandle(session, "calendars")
    try:
        return _refresh(session, sources, now, progress, lease)
    finally:
        session.rollback()
        lease.release()
        session.commit()


def calendar_problems(session: Session) -> list[tuple[str, Problem]]:
    """What was wrong with which calendar when it was last read: (whose, what)."""
    query = select(*_NAMES, Calendar.problems).join(Calendar, Calendar.person_id == Person.id)
    rows = session.execute(
        query.where(Calendar.problems.is_not(None)).order_by(*in_order_for_operators())
    )
    return [_about(row, problem) for row in rows for problem in row.problems]


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
    refreshing = _Refreshing(session, sources, now)
    owners = session.execute(
        select(Person.id, *_NAMES).where(active(), Person.handle.is_not(None)).order_by(Person.id)
    ).all()
    for n, row in enumerate(owners, 1):
        refreshing.read(row)
        lease.renew_when_due()
        refreshing.keep(row)
        session.commit()
        progress(n, len(owners))
    # Somebody may have been hidden meanwhile.
    drop_hidden(session)
    session.commit()
    drop_unused_lists(session)
    session.commit()
    return refreshing.report


class _Refreshing:
    """One run: each calendar is read, with nothing written meanwhile, and then kept."""

    def __init__(self, session: Session, sources: Sequence[CalendarSource], now: datetime) -> None:
        self.session, self.sources, self.now = session, sources, now
        self.report, self.book = CalendarReport(), AddressBook(session)
        self.is_by_mail = any(getattr(s, "uses_mail", True) for s in sources)
        self._kept = set(session.scalars(select(Calendar.person_id)))
        """Whose calendars were read before."""
        self._readings: list[Reading] | None = None
        """None where a source failed."""
        self._problems: list[Problem] = []
        self._mail: str | None = None
        """By which it was read."""

    def read(self, row: Any) -> None:
        """The calendar of one person, a row of _NAMES."""
        is_shared = bool(row.mail) and self.book.ids.get(row.mail) != row.id
        self._mail = None if is_shared else row.mail or None
        self._problems = [SHARED] if is_shared and self.is_by_mail else []
        try:
            owner = Owner(row.handle, self._mail)
            self._readings = [r for s in self.sources if (r := self._read(s, owner))]
            self._problems += [_coded(p) for r in self._readings for p in r.problems]
        except CalendarError as e:
            self._readings = None
            self._problems.append(e.problem)
        except Exception as e:  # of any kind: a source may be the host's
            log.exception("A calendar source failed.")
            # It may have left the session, which may be the host's too, in a failed statement.
            self.session.rollback()
            self._readings = None
            self._problems.append(Problem("calendar-source-failed", "", type(e).__name__))

    def _read(self, source: CalendarSource, owner: Owner) -> Reading | None:
        try:
            return source.read(owner, self.now - BEHIND, self.now + AHEAD)
        except CalendarMissing:
            return None

    def keep(self, row: Any) -> None:
        """What was read last, of the same person."""
        readings = self._readings
        if readings == [] and not self._problems and row.id not in self._kept:
            return  # as most, in many a company
        calendar = self.session.get(Calendar, row.id)
        if readings == [] and calendar and _has_coming(self.session, row.id, self.now):
            # A file that was not exported, a share that is not mounted: no reason to cancel.
            readings = None
            self._problems.append(GONE)
        self.report.problems += (_about(row, problem) for problem in self._problems)
        if calendar is None:
            calendar = Calendar(person_id=row.id, digest="")
            self.session.add(calendar)
        calendar.read_at, calendar.problems = self.now, self._problems[:MOST_PROBLEMS]
        if readings is None:
            return
        self.report.read += bool(readings)
        calendar.mail = (self._mail or "") if self.is_by_mail else ""
        digest = _digest(readings, self.book)
        if digest != calendar.digest:
            self.report.changed += 1
            calendar.digest = digest
            _replace(self.session, row.id, readings, self.book)


def _about(row: Any, problem: Problem) -> tuple[str, Problem]:
    """Whose calendar it is and what is wrong; of who is hidden the id alone, for their address and
    login name too: the name of a file may have them."""
    if not row.is_hidden:
        return row.handle or "", problem
    names = (row.mail, row.name, row.mail.partition("@")[0], row.handle)
    for name in filter(None, names):
        pattern = rf"(?<![^\W_]){re.escape(name)}(?![^\W_])"
        hide = partial(re.sub, pattern, row.directory_id, flags=re.IGNORECASE)
        problem = Problem(problem.code, hide(problem.subject), hide(problem.detail))
    return row.directory_id, problem


def _coded(problem: Problem | str) -> Problem:
    return problem if isinstance(problem, Problem) else Problem("calendar-failed", "", problem)


def _has_coming(session: Session, person_id: int, now: datetime) -> bool:
    coming = select(Meeting.id).where(Meeting.owner_id == person_id, Meeting.ends_at > now)
    return session.scalar(coming.limit(1)) is not None


def _digest(readings: list[Reading], book: AddressBook) -> str:
    """Of what would be kept: whom an address belongs to, and who is hidden, is part of it."""
    if not readings:
        return ""
    meetings = (m for r in readings for m in r.meetings)
    facts = [(replace(m, organizer=None, attendees=()), book.people_in(m)) for m in meetings]
    return hashlib.sha256(repr(facts).encode()).hexdigest()


def _replace(session: Session, person_id: int, readings: list[Reading], book: AddressBook) -> None:
    session.execute(delete(Meeting).where(Meeting.owner_id == person_id))
    occurrences = {key_of(m): m for r in readings for m in r.meetings}
    if not occurrences:
        return
    people = {key: book.people_in(m) for key, m in occurrences.items()}
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
