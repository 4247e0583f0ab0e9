"""The last step of a run: what was staged is applied in one short transaction."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, ScalarSelect, false, func, insert, or_, select, update
from sqlalchemy.orm import Session, aliased

from ..clock import now
from ..db.base import table_of
from ..db.rows import chunks
from ..people import index
from ..people.person import DIRECTORY_COLUMNS, Person, SyncState, active
from .handles import HandleAssignment
from .report import SyncReport
from .staged import StagedPerson, is_staged

INDEXED = sorted(
    set(DIRECTORY_COLUMNS) & {c.name for i in table_of(Person).indexes for c in i.columns}
)
MANY = 5000
"""From this many changes on, one pass over everybody is faster than one per person."""
UNSEEN = {"synchronize_session": False}
"""No person in the session is affected by these updates."""
CHANGES = {name: getattr(StagedPerson, name) for name in DIRECTORY_COLUMNS}


@dataclass
class Links:
    """People whose manager has to be found again. Collected before the merge, as it takes long."""

    own: list[int]
    """Their entry names another manager than before, or than their row has."""
    moved: Collection[int]
    """Their own DN changed, by which others name them, or they are back."""
    renamed: Collection[int]
    """Those who moved, where people whose entries have the old name are no longer theirs."""
    joined: Collection[int]
    """They are new, and may be the manager of people who were here before."""


def find_links(
    session: Session, joined: Collection[int], *, is_whole: bool, is_by_name: bool
) -> Links:
    """`is_whole` means that everybody was read completely, and so every manager. `is_by_name` means
    that a renamed manager is no longer that of people whose entries have the old name."""
    changes = select(Person.id).where(is_staged())
    is_back = Person.left_at.is_not(None)
    own = changes.where(or_(is_back, StagedPerson.manager_key.is_distinct_from(Person.manager_key)))
    moved = changes.where(or_(is_back, StagedPerson.dn_key != Person.dn_key))
    who_moved = session.scalars(moved).all()
    renamed = who_moved if is_by_name else ()
    links = Links(list(session.scalars(own)), who_moved, renamed, joined)
    if is_whole:
        manager = aliased(Person)
        wrong = or_(manager.id.is_(None), manager.left_at.is_not(None))
        wrong |= manager.dn_key != Person.manager_key
        has = select(Person.id).outerjoin(manager, manager.id == Person.manager_id)
        named = Person.manager_key.is_not(None) & wrong
        unnamed = Person.manager_key.is_(None) & Person.manager_id.is_not(None)
        links.own += session.scalars(has.where(active(), named | unnamed))
    return links


def merge(
    session: Session,
    run_id: int,
    report: SyncReport,
    gone: Collection[int],
    names: HandleAssignment,
    links: Links,
) -> None:
    """Apply the run; the caller commits. `gone` are those who have left."""
    _free_names(session, names)
    if report.joined:
        _meet_newcomers(session, report, names)
        _join(session)
    give_names(session, names)
    if report.changed or report.returned:
        _change(session)
    for ids in chunks(list(gone)):
        index.remove(session, ids)
        session.execute(update(Person).where(Person.id.in_(ids)).values(left_at=now()))
    session.execute(update(SyncState).values(run_id=run_id))
    _link(session, report, gone, links)


def _meet_newcomers(session: Session, report: SyncReport, names: HandleAssignment) -> None:
    """Who signed in while the run was reading is here already, under another id; and may have a
    login name that was free when it was staged: who joins gets theirs with the next run."""
    here = select(StagedPerson.person_id, Person.id).where(StagedPerson.is_new)
    rows = session.execute(here.join(Person, Person.directory_id == StagedPerson.directory_id))
    for staged_id, id in rows.all():
        theirs = StagedPerson.person_id == staged_id
        session.execute(update(StagedPerson).where(theirs).values(person_id=id, is_new=False))
        led = StagedPerson.manager_id == staged_id
        session.execute(update(StagedPerson).where(led).values(manager_id=id))
        report.joined.remove(staged_id)
        report.changed.append(id)
        names.given.pop(staged_id, None)
    taken = StagedPerson.handle.in_(select(Person.handle))
    session.execute(update(StagedPerson).where(StagedPerson.is_new, taken).values(handle=None))


def _join(session: Session) -> None:
    """Insert those who join, all at once."""
    person = table_of(Person)
    staged = {"id": StagedPerson.person_id, **CHANGES}
    staged |= {n: getattr(StagedPerson, n) for n in ("directory_id", "handle", "manager_id")}
    staged |= {n: false() for n in ("is_hidden", "hidden_provisionally")}
    rows = select(*staged.values()).where(StagedPerson.is_new)
    session.execute(insert(person).from_select([*staged], rows, include_defaults=False))


def _link(
    session: Session,
    report: SyncReport,
    gone: Collection[int],
    links: Links,
) -> None:
    former = [*gone, *links.renamed]
    now_named = [*links.joined, *links.moved]
    if len(links.own) + len(former) + len(now_named) > MANY and report.kind == "full":
        set_managers(session, Person.left_at.is_(None))
        return
    for ids in chunks(links.own):
        set_managers(session, Person.id.in_(ids))
    for ids in chunks(former):
        theirs = Person.manager_id.in_(ids) & Person.left_at.is_(None)
        set_managers(session, theirs)
    for ids in chunks(now_named):
        here = select(Person.dn_key).where(Person.id.in_(ids))
        waiting = Person.manager_id.is_(None) & Person.manager_key.in_(here)
        set_managers(session, waiting)


def _free_names(session: Session, names: HandleAssignment) -> None:
    for ids in chunks([*names.freed, *names.given]):
        session.execute(update(Person).where(Person.id.in_(ids)).values(handle=None))


def give_names(session: Session, names: HandleAssignment) -> None:
    """Assign login names, each freed before somebody else gets it."""
    _free_names(session, names)
    if names.given:
        session.execute(
            update(Person), [{"id": id, "handle": handle} for id, handle in names.given.items()]
        )


def _change(session: Session) -> None:
    """Apply the staged columns, those without an index first: SQLite rewrites an index for each row
    whose column is in the statement, even if its value stays, which takes several times as long."""
    person = table_of(Person)
    changed = update(person).where(is_staged())
    session.execute(changed.values(**{n: c for n, c in CHANGES.items() if n not in INDEXED}))
    differs = [person.c[name].is_distinct_from(CHANGES[name]) for name in INDEXED]
    indexed = changed.where(or_(person.c.left_at.is_not(None), *differs))
    session.execute(indexed.values(**{n: CHANGES[n] for n in INDEXED}, left_at=None))


def set_managers(session: Session, who: ColumnElement[bool]) -> None:
    """Correct the managers of those `who` have another than their row says."""
    manager = _manager()
    statement = update(Person).where(who, Person.manager_id.is_distinct_from(manager))
    session.execute(statement.values(manager_id=manager), execution_options=UNSEEN)


def _manager() -> ScalarSelect[int | None]:
    """The id of the person whom the manager's DN names: somebody else, who is here."""
    manager = aliased(Person)
    return (
        select(func.min(manager.id))
        .where(manager.dn_key == Person.manager_key, manager.left_at.is_(None))
        .where(manager.id != Person.id)
        .scalar_subquery()
    )
