"""Who has left: only after a complete read, and never many at once by mistake."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..db.rows import chunks
from ..ldap.changes import Read
from ..people.person import Person, active
from .compare import BATCH, Comparison

MIN_LEAVERS = 5


class TooManyLeavers(Exception):
    """The guard: the run would checkpoint too many people as left. Nothing was written."""


def gone(session: Session, comparison: Comparison, read: Read | None) -> list[int]:
    """Who is active and is no longer there, or has no active account; after an incomplete read
    nobody."""
    if read is None:
        return []
    if not read.is_full and read.present is None:
        return _reported(session, comparison, read.gone)
    rows = session.execute(select(Person.id, Person.directory_id).where(active()))
    seen, present = comparison.seen, read.present or set()
    return [id for id, directory_id in rows if id not in seen and _hex(directory_id) not in present]


def _reported(session: Session, comparison: Comparison, ids: set[str]) -> list[int]:
    found = set(comparison.disabled)
    for some in chunks([form for one in ids for form in _forms(one)]):
        query = select(Person.id).where(Person.directory_id.in_(some), active())
        found.update(session.scalars(query))
    here = set[int]()
    for some in chunks(sorted(comparison.disabled)):
        here.update(session.scalars(select(Person.id).where(Person.id.in_(some), active())))
    found -= comparison.disabled - here
    # Whoever was deleted and made anew with the same id is there.
    return sorted(found - comparison.seen)


def _hex(directory_id: str) -> str:
    return directory_id.replace("-", "").lower()


def _forms(hex_id: str) -> Iterator[str]:
    """How a directory id may be written: as a UUID (RFC 4122), or as 389 Directory Server does."""
    yield hex_id
    if len(hex_id) == 32:
        yield "-".join((hex_id[:8], hex_id[8:12], hex_id[12:16], hex_id[16:20], hex_id[20:]))
        yield "-".join(hex_id[n : n + 8] for n in (0, 8, 16, 24))


def guard(session: Session, left: list[int], max_leavers: int | None) -> None:
    if max_leavers is None or not left:
        return
    count = session.scalar(select(func.count()).select_from(Person).where(active())) or 0
    # However few they are: nobody left is no company.
    if len(left) <= max(MIN_LEAVERS, count * max_leavers // 100) and len(left) < count:
        return
    first = select(Person.handle).where(Person.id.in_(left[:BATCH])).order_by(Person.sort_key)
    names = ", ".join(handle or "?" for handle in session.scalars(first.limit(5)))
    raise TooManyLeavers(
        f"{len(left)} of {count} people would be marked as left ({names}, ...). Nothing was"
        " changed. If that is right, look at `flask people sync --dry-run`, then run"
        " `flask people sync --force`; else check PEOPLE_LDAP_BASE_DN, PEOPLE_LDAP_PERSON_FILTER"
        " and what the service account may read."
    )
