"""The last step of a run: applies the staged changes in one short transaction."""

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
FULL_PASS_FROM = 5000
"""From this number of changes on, one update of all people is faster than one for each."""
NO_SYNCHRONIZATION = {"synchronize_session": False}
"""These updates affect no objects in the session."""
CHANGES = {name: getattr(StagedPerson, name) for name in DIRECTORY_COLUMNS}


@dataclass
class Links:
    """Ids of people whose managers or reports may change. Found before the merge, as it takes long.

    own      their entry has another manager than before, or than their row
    moved    their own DN changed, to which the entries of others refer, or they returned
    renamed  those of `moved` who lose the reports whose entries have their old DN
    joined   they are new, and may be managers of existing people
    """

    own: list[int]
    moved: Collection[int]
    renamed: Collection[int]
    joined: Collection[int]


def find_links(
    session: Session, joined: Collection[int], *, is_complete: bool, is_by_name: bool
) -> Links:
    """`is_complete`: everybody was read, so wrong managers of unchanged people are found too.
    `is_by_name`: a renamed manager loses the people whose entries have the old DN."""
    changes = select(Person.id).where(is_staged())
    is_back = Person.left_at.is_not(None)
    own = changes.where(or_(is_back, StagedPerson.manager_key.is_distinct_from(Person.manager_key)))
    moved = changes.where(or_(is_back, StagedPerson.dn_key != Person.dn_key))
    who_moved = session.scalars(moved).all()
    renamed = who_moved if is_by_name else ()
    links = Links(list(session.scalars(own)), who_moved, renamed, joined)
    if is_complete:
        manager = aliased(Person)
        is_wrong = or_(manager.id.is_(None), manager.left_at.is_not(None))
        is_wrong |= manager.dn_key != Person.manager_key
        people = select(Person.id).outerjoin(manager, manager.id == Person.manager_id)
        named = Person.manager_key.is_not(None) & is_wrong
        unnamed = Person.manager_key.is_(None) & Person.manager_id.is_not(None)
        links.own += session.scalars(people.where(active(), named | unnamed))
    return links


def merge(
    session: Session,
    run_id: int,
    report: SyncReport,
    gone: Collection[int],
    names: HandleAssignment,
    links: Links,
) -> None:
    """Apply the run; the caller commits. `gone` has the ids of people who have left."""
    _free_names(session, names)
    if report.joined:
        _adjust_to_newcomers(session, report, names)
        _insert_new(session)
    give_names(session, names)
    if report.changed or report.returned:
        _apply_changes(session)
    for ids in chunks(list(gone)):
        index.remove(session, ids)
        session.execute(update(Person).where(Person.id.in_(ids)).values(left_at=now()))
    session.execute(update(SyncState).values(run_id=run_id))
    _link(session, report, gone, links)


def _adjust_to_newcomers(session: Session, report: SyncReport, names: HandleAssignment) -> None:
    """Adjust staged people to those who signed in during the run.

    They already have a row with another id, which is now changed instead of joined. They may also
    have taken a staged login name; its owner then gets one in the next run.
    """
    here = select(StagedPerson.person_id, Person.id).where(StagedPerson.is_new)
    rows = session.execute(here.join(Person, Person.directory_id == StagedPerson.directory_id))
    for staged_id, id in rows.all():
        own_row = StagedPerson.person_id == staged_id
        session.execute(update(StagedPerson).where(own_row).values(person_id=id, is_new=False))
        reports = StagedPerson.manager_id == staged_id
        session.execute(update(StagedPerson).where(reports).values(manager_id=id))
        report.joined.remove(staged_id)
        report.changed.append(id)
        names.given.pop(staged_id, None)
    taken = StagedPerson.handle.in_(select(Person.handle))
    session.execute(update(StagedPerson).where(StagedPerson.is_new, taken).values(handle=None))


def _insert_new(session: Session) -> None:
    """Insert new people in one statement."""
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
    former_managers = [*gone, *links.renamed]
    possible_managers = [*links.joined, *links.moved]
    if (
        len(links.own) + len(former_managers) + len(possible_managers) > FULL_PASS_FROM
        and report.kind == "full"
    ):
        set_managers(session, Person.left_at.is_(None))
        return
    for ids in chunks(links.own):
        set_managers(session, Person.id.in_(ids))
    for ids in chunks(former_managers):
        reports = Person.manager_id.in_(ids) & Person.left_at.is_(None)
        set_managers(session, reports)
    for ids in chunks(possible_managers):
        here = select(Person.dn_key).where(Person.id.in_(ids))
        without_manager = Person.manager_id.is_(None) & Person.manager_key.in_(here)
        set_managers(session, without_manager)


def _free_names(session: Session, names: HandleAssignment) -> None:
    for ids in chunks([*names.freed, *names.given]):
        session.execute(update(Person).where(Person.id.in_(ids)).values(handle=None))


def give_names(session: Session, names: HandleAssignment) -> None:
    """Assign login names. They are all freed first, as some may be exchanged."""
    _free_names(session, names)
    if names.given:
        session.execute(
            update(Person), [{"id": id, "handle": handle} for id, handle in names.given.items()]
        )


def _apply_changes(session: Session) -> None:
    """Apply the staged columns. Those with an index have a statement of their own, only for rows
    that differ: SQLite updates the index for every row in a statement, which takes several times
    as long."""
    person = table_of(Person)
    changed = update(person).where(is_staged())
    session.execute(changed.values(**{n: c for n, c in CHANGES.items() if n not in INDEXED}))
    differs = [person.c[name].is_distinct_from(CHANGES[name]) for name in INDEXED]
    indexed = changed.where(or_(person.c.left_at.is_not(None), *differs))
    session.execute(indexed.values(**{n: CHANGES[n] for n in INDEXED}, left_at=None))


def set_managers(session: Session, condition: ColumnElement[bool]) -> None:
    """Correct `manager_id` of the people who match `condition`."""
    manager = _manager()
    statement = update(Person).where(condition, Person.manager_id.is_distinct_from(manager))
    session.execute(statement.values(manager_id=manager), execution_options=NO_SYNCHRONIZATION)


def _manager() -> ScalarSelect[int | None]:
    """The id of the active person with the manager's DN, who is not the person itself."""
    manager = aliased(Person)
    return (
        select(func.min(manager.id))
        .where(manager.dn_key == Person.manager_key, manager.left_at.is_(None))
        .where(manager.id != Person.id)
        .scalar_subquery()
    )
