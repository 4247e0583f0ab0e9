"""Read one person from the directory at sign-in, before a sync has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ..clock import now
from ..db.rows import upsert
from ..ldap.changes import Hidden
from ..ldap.connection import Directory, escape
from ..ldap.entry import Entry
from ..ldap.schemas import Schema
from ..people import index
from ..people.index import index_words
from ..people.person import Person, SyncState
from .columns import Photos, columns_of, store_photos
from .compare import Comparison
from .handles import assign_handles
from .merge import give_names, set_managers
from .report import SyncReport

TRIES = 3


def entries_of(
    directory: Directory,
    schema: Schema,
    name: str,
    attributes: Sequence[str],
    named_by: Sequence[str] = (),
) -> list[Entry]:
    """Those with that name in one of the attributes `named_by`, or else with that login name.

    One, where it is somebody's. Raises DirectoryError.
    """
    which = f"(&{schema.person_filter}{_named(schema, name, named_by)})"
    return directory.find(which, attributes)


def bring_in(
    session: Session,
    directory: Directory,
    schema: Schema,
    name: str,
    named_by: Sequence[str] = (),
) -> SyncReport:
    """Who came, or is back: nobody, where the directory has no such person with an active account.

    Waits for nobody: also while a sync is running. Teams that are groups, and the sizes of the
    photo, come with the next sync. Who is hidden arrives so, and where that cannot be read as well.
    Commits. Raises DirectoryError.
    """
    found, hidden = directory.find_people(schema, _named(schema, name, named_by))
    for tries_left in reversed(range(TRIES)):
        report = SyncReport()
        try:
            if len(found) == 1:
                _bring_in(session, schema, found[0], hidden, report)
            session.commit()
        except IntegrityError:  # somebody else of that login name came in the same moment
            session.rollback()
            if not tries_left:
                raise
        else:
            break
    return report


def _bring_in(
    session: Session, schema: Schema, entry: Entry, hidden: Hidden, report: SyncReport
) -> None:
    comparison = Comparison(session, schema, report)
    for compared in comparison.of([entry]):
        if compared.kind in ("joined", "returned", "changed"):
            record, photos = comparison.record(compared), Photos()
            columns = columns_of(compared, record, photos, since=now())
            id = _write(session, record.directory_id, columns)
            if _hide(session, id, record.directory_id, hidden):
                report.hidden.append(id)
            getattr(report, compared.kind).append(id)
            _name(session, id, record.handle)
            waiting = Person.manager_id.is_(None) & (Person.manager_key == record.dn_key)
            set_managers(session, or_(Person.id == id, waiting))
            words = index_words({**columns, "handle": record.handle})
            index.write(session, [(id, *words)])
            if photos:
                run_id = session.scalar(select(SyncState.run_id)) or 0
                store_photos(session, run_id, photos)


def _write(session: Session, directory_id: str, columns: dict[str, Any]) -> int:
    """One upsert, as a sync may bring them in the same moment. Returns their id."""
    columns = columns | {"left_at": None, "read_alone_at": now()}
    who = {"directory_id": directory_id, "handle": None, "manager_id": None, "photo_digest": None}
    shown = {"is_hidden": False, "hidden_provisionally": False}
    changed = {n: v for n, v in columns.items() if n != "joined_at" or v is not None}
    # No database takes a row without a date, also where the one that is there keeps its own.
    columns["joined_at"] = columns["joined_at"] or now()
    statement = upsert(session, Person).values(**who, **shown, **columns)
    statement = statement.on_conflict_do_update(index_elements=["directory_id"], set_=changed)
    id: int = session.scalars(statement.returning(Person.id)).one()
    return id


def _hide(session: Session, id: int, directory_id: str, hidden: Hidden) -> bool:
    """Hide them where the directory does, or cannot say; True for somebody who was shown."""
    is_hidden = directory_id in hidden.ids
    if not is_hidden and hidden.why_incomplete is None:
        return False
    values = {"is_hidden": True, "hidden_provisionally": not is_hidden}
    shown = update(Person).where(Person.id == id, ~Person.is_hidden)
    return bool(session.execute(shown.values(**values).returning(Person.id)).all())


def _name(session: Session, id: int, handle: str) -> None:
    """Their login name, or one with a number where somebody has it."""
    last = session.scalar(select(Person.handle).where(Person.id == id))
    if last != handle:
        give_names(session, assign_handles(session, {id: handle}, gone=()))


def _named(schema: Schema, name: str, named_by: Sequence[str]) -> str:
    value = escape(name)
    some = "".join(f"({a}={value})" for a in named_by or schema.fields["handle"][:1])
    return f"(|{some})"
