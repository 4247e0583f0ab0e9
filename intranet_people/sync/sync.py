"""From the directory's entries to rows: complete, guarded, one run at a time.

What comes is compared with the rows and staged, batch by batch; only when all was read, and the
guard has nothing against it, one brief transaction makes it true. Killed at any point, the rows
are as before or as after it, and the next run goes on from there.
"""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import select, union_all, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from ..clock import now
from ..db.rows import chunks, insert_once
from ..db.sqlite import use_memory
from ..jobs.lease import AlreadyRunning, LeaseHandle, LeaseLost
from ..ldap.changes import Checkpoint, Hidden, KnownDigests, Read
from ..people.person import NEW_FOR, Person, SyncState
from ..problems import Problem
from .compare import Comparison, seen_before
from .erase import erase_leavers, forget_runs
from .guard import RefusedByGuard, refuse
from .handles import HandleAssignment, assign_handles
from .hidden import Hiding
from .history import SyncRun, end_run, expected_people, reasons_of
from .leavers import find_missing, refusal
from .merge import find_links, merge
from .preview import Preview
from .problems import same_mails
from .read import USUAL, Options, Source, read_batches
from .report import SyncReport
from .stage import Stage, empty_stage
from .staged import StagedPerson

__all__ = [
    "AlreadyRunning",
    "LeaseLost",
    "Options",
    "RefusedByGuard",
    "Source",
    "expected_people",
    "preview",
    "sync",
]
log = logging.getLogger(__name__)


FULL_EVERY = timedelta(hours=23)
"""A full run at least daily, also where it is started at about the same time each night."""


def sync(
    session: Session,
    find_source: Callable[[], Source],
    options: Options = USUAL,
) -> SyncReport:
    """One run. Commits; it is recorded as a SyncRun however it ends, also where `find_source`
    already raises.

    Raises AlreadyRunning, LeaseLost, RefusedByGuard, DirectoryError. An incomplete read is no
    error: `SyncReport.reasons` say what is missing.
    """
    lease = LeaseHandle(session, "sync")
    report = SyncReport("full")
    run_id = 0
    try:
        run_id = _begin(session)
        with _uncollected():
            _run(session, run_id, lease, find_source(), options, report)
    except BaseException as e:
        session.rollback()
        status = "refused" if isinstance(e, RefusedByGuard) else "failed"
        try:
            end_run(session, run_id, status, reasons_of(e), report)
            session.commit()
        except SQLAlchemyError as worse:
            # Without the traceback, which quotes rows.
            log.error("How the run ended cannot be written: %s", reasons_of(worse)[0])
            session.rollback()
        lease.release()
        session.commit()
        raise
    lease.release()
    session.commit()
    return report


def preview(
    session: Session, source: Source, options: Options = USUAL
) -> tuple[SyncReport, dict[str, list[str]], str]:
    """What a full run would do: the first of each kind in words, and what the guard would say.

    Writes nothing. Raises DirectoryError.
    """
    report = SyncReport(concealed=_concealed(session, source))

    def shown() -> Preview:
        report.start_over()
        return Preview(session, Comparison(session, source.schema, report, source.teams_of))

    taken, read, hidden = read_batches(source.directory.reads(source.schema, None), shown, options)
    report.left = find_missing(session, taken.comparison, read)
    hiding = Hiding(session, hidden, report, report.left, taken.comparison.hidden_before)
    hiding.find()
    taken.leavers(report.left)
    taken.hiding(hidden)
    try:
        refuse(_refusals(session, report, report.left, hiding, options))
        refused = ""
    except RefusedByGuard as e:
        refused = str(e)
    session.rollback()
    return report, taken.lines, refused


def _run(
    session: Session,
    run_id: int,
    lease: LeaseHandle,
    source: Source,
    options: Options,
    report: SyncReport,
) -> None:
    report.concealed = _concealed(session, source)
    state = session.get_one(SyncState, 1)
    since = now() if state.full_at else now() - NEW_FOR
    checkpoint = _checkpoint(state, source, options)
    last = Checkpoint.of_json(state.checkpoint) if state.checkpoint else None

    def stage() -> Stage:
        report.start_over()
        comparison = Comparison(session, source.schema, report, source.teams_of)
        empty_stage(session, lease)
        return Stage(session, run_id, lease, comparison, since)

    is_whole = checkpoint is None
    who = seen_before(session) if is_whole and not source.teams_of else None
    session.commit()
    seen = KnownDigests(source.schema.seen_key, who, last)
    reads = source.directory.reads(source.schema, checkpoint, seen)
    staged, read, hidden = read_batches(reads, stage, options)
    left = find_missing(session, staged.comparison, read)
    _merge(session, run_id, lease, staged, left, read, hidden, source, options)
    try:
        staged.note_digests()
        _tidy(session, lease, read, options, report)
    except Exception as e:
        # The people are as they should be; what was left over is tidied by the next run.
        log.error("Tidying up after the run failed: %s", reasons_of(e)[0])
        session.rollback()
        report.note("(tidying up)", Problem("failed", "", str(reasons_of(e)[0])), None)
    end_run(session, run_id, report.status, report.reasons, report)


def _tidy(
    session: Session, lease: LeaseHandle, read: Read | None, options: Options, report: SyncReport
) -> None:
    empty_stage(session, lease)
    report.noted += same_mails(session, report)
    if read is not None and options.keep_leavers is not None:
        report.erased = erase_leavers(session, lease, options.keep_leavers)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without Python's search for circles of objects: there are none, and it looks through all
    that the process has, again and again: a quarter of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _begin(session: Session) -> int:
    use_memory(session)
    forget_runs(session)
    insert_once(session, SyncState, id=1, run_id=0, mapping="")
    run = SyncRun()
    session.add(run)
    session.commit()
    return run.id


def _checkpoint(state: SyncState, source: Source, options: Options) -> Checkpoint | None:
    """From where changes can be asked for; None where a full run is due."""
    is_due = state.full_at is None or state.full_at < now() - FULL_EVERY
    if options.full or is_due or state.mapping != source.mapping or not state.checkpoint:
        return None
    return Checkpoint.of_json(state.checkpoint)


def _merge(
    session: Session,
    run_id: int,
    lease: LeaseHandle,
    staged: Stage,
    left: list[int],
    read: Read | None,
    hidden: Hidden,
    source: Source,
    options: Options,
) -> None:
    report = staged.comparison.report
    hiding = Hiding(session, hidden, report, left, staged.comparison.hidden_before)
    refuse(_refusals(session, report, left, hiding, options))
    options.say(f"writing {_changes(report, left)} changes")
    staged.end()
    names = assign_handles(session, staged.wanted, set(left), run_id)
    for id, name, handle in _by_directory_id(session, names):
        report.note(name, Problem("same-login-name", "", handle), id)
    is_whole = read is not None and read.is_full
    newcomers = [] if staged.comparison.is_first else report.joined
    links = find_links(session, newcomers, is_whole=is_whole)
    with lease.transaction():
        # Active Directory's links follow whom they name, and nothing tells of it.
        is_by_name = "usn" not in source.schema.changes
        merge(session, run_id, report, left, names, links, is_by_name=is_by_name)
        hiding.find()
        hiding.merge()
        session.execute(
            update(SyncState).values(**_next_checkpoint(session, read, source, report.kind))
        )
        report.left = left
        end_run(session, run_id, report.status, report.reasons, report)


def _concealed(session: Session, source: Source) -> Sequence[str] | None:
    """Whom a report must not name before all is read: everybody, where the directory hides some."""
    if source.schema.hidden_filter:
        return None
    return session.scalars(select(Person.directory_id).where(Person.is_hidden)).all()


def _refusals(
    session: Session, report: SyncReport, left: list[int], hiding: Hiding, options: Options
) -> list[Problem | None]:
    most = options.max_leavers
    return [refusal(session, report, left, most), hiding.refusal(most)]


def _by_directory_id(session: Session, names: HandleAssignment) -> Iterator[tuple[str, str, str]]:
    """Of each whose login name is another's: the directory's id, that name, and the one here."""
    for some in chunks(names.conflicts):
        those = [conflict[0] for conflict in some]
        here = select(Person.id, Person.directory_id).where(Person.id.in_(those))
        joins = select(StagedPerson.person_id, StagedPerson.directory_id)
        joins = joins.where(StagedPerson.person_id.in_(those), StagedPerson.is_new)
        ids = dict(session.execute(union_all(here, joins)).all())
        yield from ((ids[id], name, handle) for id, name, handle in some)


def _next_checkpoint(
    session: Session, read: Read | None, source: Source, kind: str
) -> dict[str, Any]:
    """What the next run has to know of this one."""
    if read is None:
        # What a full run did not reach stays to be read, and what it did may be by other settings.
        known = session.scalar(select(SyncState.mapping))
        return {"mapping": known if known == source.mapping and kind == "changes" else ""}
    came_to: dict[str, Any] = {"checkpoint": read.checkpoint.as_json() if read.checkpoint else None}
    return came_to | ({"mapping": source.mapping, "full_at": now()} if read.is_full else {})


def _changes(report: SyncReport, left: list[int]) -> int:
    return len(report.joined) + len(report.changed) + len(report.returned) + len(left)
