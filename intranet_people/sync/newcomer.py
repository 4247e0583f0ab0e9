"""Reads one person from the directory at sign-in, before the next sync."""

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
from ..ldap.mapping import Schema
from ..people import index
from ..people.index import index_words
from ..people.person import Person, SyncState
from .columns import Photos, columns_of, store_photos
from .compare import Comparison
from .handles import assign_handles
from .merge import give_names, set_managers
from .report import SyncReport

MAX_TRIES = 3


def entries_of(
    directory: Directory,
    schema: Schema,
    name: str,
    attributes: Sequence[str],
    named_by: Sequence[str] = (),
) -> list[Entry]:
    """The entries with this name in one of the attributes `named_by`, by default the login name.

    The name is valid if there is exactly one. Raises DirectoryError.
    """
    search_filter = f"(&{schema.person_filter}{_name_filter(schema, name, named_by)})"
    return directory.find(search_filter, attributes)


def bring_in(
    session: Session,
    directory: Directory,
    schema: Schema,
    name: str,
    named_by: Sequence[str] = (),
) -> SyncReport:
    """Add or update the person with this name; the report is empty if there is no active one.

    It does not wait for a running sync. Teams from groups and the sizes of the photo follow with
    the next sync. The person is hidden if the directory hides them or cannot tell. Commits. Raises
    DirectoryError.
    """
    found, hidden = directory.find_people(schema, _name_filter(schema, name, named_by))
    for tries_left in reversed(range(MAX_TRIES)):
        report = SyncReport()
        try:
            if len(found) == 1:
                _store(session, schema, found[0], hidden, report)
            session.commit()
        except IntegrityError:  # somebody else got this login name at the same moment
            session.rollback()
            if not tries_left:
                raise
        else:
            break
    return report


def _store(
    session: Session, schema: Schema, entry: Entry, hidden: Hidden, report: SyncReport
) -> None:
    comparison = Comparison(session, schema, report)
    for compared in comparison.compare([entry]):
        if compared.kind in ("joined", "returned", "changed"):
            record, photos = comparison.record(compared), Photos()
            columns = columns_of(compared, record, photos, since=now())
            id = _upsert(session, record.directory_id, columns)
            if _hide(session, id, record.directory_id, hidden):
                report.hidden.append(id)
            getattr(report, compared.kind).append(id)
            _assign_handle(session, id, record.handle)
            reports = Person.manager_id.is_(None) & (Person.manager_key == record.dn_key)
            set_managers(session, or_(Person.id == id, reports))
            words = index_words({**columns, "handle": record.handle})
            index.write(session, [(id, *words)])
            if photos:
                run_id = session.scalar(select(SyncState.run_id)) or 0
                store_photos(session, run_id, photos)


def _upsert(session: Session, directory_id: str, columns: dict[str, Any]) -> int:
    """Upsert, as a sync may add the same person now. Returns their id."""
    columns = columns | {"left_at": None, "read_alone_at": now()}
    identity = {
        "directory_id": directory_id,
        "handle": None,
        "manager_id": None,
        "photo_digest": None,
    }
    shown = {"is_hidden": False, "hidden_provisionally": False}
    changed = {n: v for n, v in columns.items() if n != "joined_at" or v is not None}
    # NOT NULL is checked even if the existing row keeps its own date.
    columns["joined_at"] = columns["joined_at"] or now()
    statement = upsert(session, Person).values(**identity, **shown, **columns)
    statement = statement.on_conflict_do_update(index_elements=["directory_id"], set_=changed)
    id: int = session.scalars(statement.returning(Person.id)).one()
    return id


def _hide(session: Session, id: int, directory_id: str, hidden: Hidden) -> bool:
    """Hide the person if the directory does or cannot tell; returns whether they were shown."""
    is_hidden = directory_id in hidden.ids
    if not is_hidden and hidden.why_incomplete is None:
        return False
    values = {"is_hidden": True, "hidden_provisionally": not is_hidden}
    shown = update(Person).where(Person.id == id, ~Person.is_hidden)
    return bool(session.execute(shown.values(**values).returning(Person.id)).all())


def _assign_handle(session: Session, id: int, handle: str) -> None:
    """Assign the login name, or a numbered one if somebody has it."""
    last = session.scalar(select(Person.handle).where(Person.id == id))
    if last != handle:
        give_names(session, assign_handles(session, {id: handle}, gone=()))


def _name_filter(schema: Schema, name: str, named_by: Sequence[str]) -> str:
    value = escape(name)
    conditions = "".join(f"({a}={value})" for a in named_by or schema.fields["handle"][:1])
    return f"(|{conditions})"
