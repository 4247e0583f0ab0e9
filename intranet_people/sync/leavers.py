"""Finds people who have left: only after a complete read, with a guard against mistakes."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..db.rows import chunks
from ..ldap.changes import Read
from ..people.person import Person, active
from ..problems import Problem
from .compare import BATCH, Comparison
from .guard import MAX_CLOCK_SKEW, is_too_many
from .report import SyncReport


def find_missing(session: Session, comparison: Comparison, read: Read | None) -> list[int]:
    """Ids of people who are no longer in the directory, or whose account is inactive. Empty after
    an incomplete read, which is None."""
    if read is None:
        return []
    if not read.is_full and read.present is None:
        return _reported(session, comparison, read.gone)
    read_began = comparison.started_at - MAX_CLOCK_SKEW
    was_here = Person.read_alone_at.is_(None) | (Person.read_alone_at < read_began)
    rows = session.execute(select(Person.id, Person.directory_id).where(active(), was_here))
    seen, present = comparison.seen, read.present or set()
    return [id for id, directory_id in rows if id not in seen and _hex(directory_id) not in present]


def _reported(session: Session, comparison: Comparison, ids: set[str]) -> list[int]:
    found = set(comparison.disabled)
    for batch in chunks([text for hex_id in ids for text in _formats(hex_id)]):
        query = select(Person.id).where(Person.directory_id.in_(batch), active())
        found.update(session.scalars(query))
    here = set[int]()
    for batch in chunks(sorted(comparison.disabled)):
        here.update(session.scalars(select(Person.id).where(Person.id.in_(batch), active())))
    found -= comparison.disabled - here
    # Some may have been deleted and created again with the same id.
    return sorted(found - comparison.seen)


def _hex(directory_id: str) -> str:
    return directory_id.replace("-", "").lower()


def _formats(hex_id: str) -> Iterator[str]:
    """The formats of an id: hexadecimal, UUID (RFC 4122), and that of 389 Directory Server."""
    yield hex_id
    if len(hex_id) == 32:
        yield "-".join((hex_id[:8], hex_id[8:12], hex_id[12:16], hex_id[16:20], hex_id[20:]))
        yield "-".join(hex_id[n : n + 8] for n in (0, 8, 16, 24))


def refusal(
    session: Session, report: SyncReport, left: list[int], max_leavers: int | None
) -> Problem | None:
    """The reason to refuse marking so many people as left without --force, or None."""
    if max_leavers is None or not left:
        return None
    count = session.scalar(select(func.count()).select_from(Person).where(active())) or 0
    if not is_too_many(len(left), count, max_leavers):
        return None
    first = select(Person.handle, Person.directory_id).where(Person.id.in_(left[:BATCH]))
    rows = session.execute(first.order_by(Person.is_hidden, Person.sort_key).limit(5))
    names = ", ".join(report.name_of(handle or "?", id) for handle, id in rows)
    return Problem("too-many-leavers", f"{len(left)}/{count}", f"{names}, ...")
