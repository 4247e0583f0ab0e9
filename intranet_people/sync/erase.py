"""Erases people who left long ago, with all their data, and old runs."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from ..clock import now
from ..db.base import Base, table_of
from ..jobs.lease import LeaseHandle
from ..people import index
from ..people.person import Person
from .compare import BATCH
from .history import SyncRun

RUNS_KEPT = timedelta(days=30)
_NO_DETAILS = {
    **dict.fromkeys(("title", "team", "office", "city", "time_zone", "fingerprint"), ""),
    **dict.fromkeys(("teams", "phones", "mobiles", "extra", "problems", "manager_key"), None),
    **dict.fromkeys(("manager_id", "photo_offered", "photo_digest", "entry_digest"), None),
}
"""The columns of a hidden person who was erased. An empty fingerprint marks them as erased."""


def erase_leavers(session: Session, lease: LeaseHandle, kept: timedelta) -> int:
    """Erase them in batches; returns their number. The next photo job deletes their photos."""
    erased = 0
    while ids := _old_leavers(session, kept):
        with lease.transaction():
            _erase(session, ids)
        erased += len(ids)
    return erased


def forget_runs(session: Session) -> None:
    """Delete old runs, which contain names, so they are kept no longer than logs. Commits."""
    old = select(SyncRun.id).where(SyncRun.started_at < now() - RUNS_KEPT)
    if ids := session.scalars(old.limit(BATCH)).all():
        session.execute(delete(SyncRun).where(SyncRun.id.in_(ids)))
    session.commit()


def _old_leavers(session: Session, kept: timedelta) -> list[int]:
    is_old = Person.left_at < now() - kept
    query = select(Person.id).where(is_old, ~Person.is_hidden | (Person.fingerprint != ""))
    return list(session.scalars(query.limit(BATCH)))


def _erase(session: Session, ids: list[int]) -> None:
    """Delete the rows that refer to them first: a host's database may not enforce foreign keys.

    Names and addresses of hidden people stay, because calendars still contain them.
    """
    person = table_of(Person)
    those = person.c.id.in_(ids)
    hidden = select(person.c.id).where(those, person.c.is_hidden)
    for table in reversed(Base.metadata.sorted_tables):
        for key in table.foreign_keys:
            if key.references(person):
                is_theirs = key.ondelete == "CASCADE"
                if not is_theirs:
                    # The row would stay and may have their name, like that of a guest.
                    session.execute(delete(table).where(key.parent.in_(hidden)))
                away = delete(table) if is_theirs else update(table).values({key.parent: None})
                session.execute(away.where(key.parent.in_(ids)))
    session.execute(update(person).where(person.c.manager_id.in_(ids)).values(manager_id=None))
    index.remove(session, ids)
    session.execute(update(person).where(those, person.c.is_hidden).values(**_NO_DETAILS))
    session.execute(delete(person).where(those, ~person.c.is_hidden))
