"""Reading the calendars ahead, so that no page ever waits for one."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, or_, select
from sqlalchemy.orm import Session

from ..calendars.source import CalendarError, CalendarMissing, CalendarSource, Owner, Reading
from ..people.person import Person
from .hello import Hello
from .meeting import AHEAD, BEHIND, Attendance, Calendar, Meeting, key_of


@dataclass
class Report:
    """How many calendars were read, how many had news, and what was wrong: (whose, what)."""

    read: int = 0
    changed: int = 0
    problems: list[tuple[str, str]] = field(default_factory=list)


def refresh(
    session: Session,
    sources: Sequence[CalendarSource],
    now: datetime,
    progress: Callable[[int, int], None] = lambda n, of: None,
) -> Report:
    """Read everybody's calendars and keep what is coming. Commits after each person.

    A calendar that cannot be read keeps what it last had, and is in the report.
    """
    report = Report()
    ids = _ids_by_mail(session)
    owners = session.execute(
        select(Person.id, Person.handle, Person.mail)
        .where(Person.left_at.is_(None), Person.handle.is_not(None))
        .order_by(Person.id)
    ).all()
    for n, (person_id, handle, mail) in enumerate(owners, 1):
        _refresh_one(
            session, sources, Owner(handle or "", mail or None), person_id, ids, now, report
        )
        session.commit()
        progress(n, len(owners))
    return report


def problems(session: Session) -> list[tuple[str, str]]:
    """What was wrong with which calendar when it was last read: (whose, what)."""
    query = select(Person.handle, Calendar.problem).join(Calendar, Calendar.person_id == Person.id)
    rows = session.execute(query.where(Calendar.problem != "").order_by(Person.sort_key))
    return [(handle or "", problem) for handle, problem in rows]


def _ids_by_mail(session: Session) -> dict[str, int]:
    """Whom an address belongs to; one that two people share belongs to neither."""
    rows = session.execute(
        select(Person.mail, Person.id).where(Person.left_at.is_(None), Person.mail != "")
    ).all()
    count = Counter(mail for mail, _ in rows)
    return {mail: id for mail, id in rows if count[mail] == 1}


def _refresh_one(
    session: Session,
    sources: Sequence[CalendarSource],
    owner: Owner,
    person_id: int,
    ids: dict[str, int],
    now: datetime,
    report: Report,
) -> None:
    try:
        readings = [r for s in sources if (r := _read(s, owner, now))]
        problems = [p for r in readings for p in r.problems]
    except CalendarError as e:
        readings, problems = None, [str(e)]
    report.problems += ((owner.handle, p) for p in problems)
    calendar = session.get(Calendar, person_id)
    if readings == [] and calendar is None:
        return
    if calendar is None:
        calendar = Calendar(person_id=person_id, digest="")
        session.add(calendar)
    calendar.read_at, calendar.problem = now, "; ".join(problems)[:1000]
    if readings is None:
        return
    report.read += 1
    digest = _digest(readings, ids)
    if digest != calendar.digest:
        report.changed += 1
        calendar.digest = digest
        _replace(session, person_id, readings, ids)


def _read(source: CalendarSource, owner: Owner, now: datetime) -> Reading | None:
    try:
        return source.read(owner, now - BEHIND, now + AHEAD)
    except CalendarMissing:
        return None


def _digest(readings: list[Reading], ids: dict[str, int]) -> str:
    """Of what would be kept: whom an address belongs to is part of it."""
    if not readings:
        return ""
    facts = [
        (repr(m), [ids.get(a.mail or "") for a in m.attendees])
        for r in readings
        for m in r.meetings
    ]
    return hashlib.sha256(repr(facts).encode()).hexdigest()


def _replace(
    session: Session, person_id: int, readings: list[Reading], ids: dict[str, int]
) -> None:
    old = select(Meeting.id).where(Meeting.owner_id == person_id)
    session.execute(delete(Attendance).where(Attendance.meeting_id.in_(old)))
    session.execute(delete(Meeting).where(Meeting.owner_id == person_id))
    occurrences = {key_of(m): m for r in readings for m in r.meetings}
    if not occurrences:
        return
    rows: list[dict[str, Any]] = [
        {
            "owner_id": person_id,
            "key": key,
            "starts_at": m.starts_at,
            "ends_at": m.ends_at,
            "all_day": m.all_day,
            "title": m.title,
            "location": m.location,
            "size": len(m.attendees),
        }
        for key, m in occurrences.items()
    ]
    session.execute(insert(Meeting), rows)
    kept = select(Meeting.key, Meeting.id).where(Meeting.owner_id == person_id)
    meeting_ids = dict(session.execute(kept).all())
    attendances = [
        {
            "meeting_id": meeting_ids[key],
            "position": n,
            "person_id": ids.get(a.mail or ""),
            "name": a.name or (a.mail or "").partition("@")[0],
        }
        for key, m in occurrences.items()
        for n, a in enumerate(m.attendees)
    ]
    if attendances:
        session.execute(insert(Attendance), attendances)
    _move_hellos(session, person_id, {row["key"]: row for row in rows})


def _move_hellos(session: Session, person_id: int, meetings: dict[str, dict[str, Any]]) -> None:
    """A hi goes with its meeting, when that is moved to another time."""
    hellos = select(Hello).where(
        or_(Hello.sender_id == person_id, Hello.receiver_id == person_id),
        Hello.meeting_key.in_(meetings),
    )
    for hello in session.scalars(hellos):
        meeting = meetings[hello.meeting_key]
        hello.starts_at, hello.ends_at = meeting["starts_at"], meeting["ends_at"]
