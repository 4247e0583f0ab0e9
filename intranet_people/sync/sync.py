"""Runs a sync and records its result; previews what a sync would do.

Entries are compared with the rows and staged, batch by batch. When all are read and the guard
agrees, one short transaction applies the changes. If the run is killed at any point, the people are
as before or after the run, and the next run continues from there.
"""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from ..db.rows import insert_once
from ..db.sqlite import use_memory
from ..db.statistics import gather_first_statistics
from ..jobs.lease import AlreadyRunning, LeaseHandle, LeaseLost
from ..people.person import SyncState
from .compare import Comparison
from .erase import forget_runs
from .guard import RefusedByGuard, refuse
from .hidden import Hiding
from .history import SyncRun, end_run, expected_people, reasons_of
from .leavers import find_missing
from .preview import Preview
from .read import DEFAULTS, Options, Source, read_batches
from .report import SyncReport
from .run import Run, concealed, refusals

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


def sync(
    session: Session,
    find_source: Callable[[], Source],
    options: Options = DEFAULTS,
) -> SyncReport:
    """Run a sync. Commits, and records a SyncRun also for a run that fails, even in `find_source`.

    Raises AlreadyRunning, LeaseLost, RefusedByGuard, DirectoryError. An incomplete read is not an
    error: see `SyncReport.reasons`.
    """
    lease = LeaseHandle(session, "sync")
    report = SyncReport("full")
    run_id = 0
    try:
        run_id = _begin(session)
        with _without_gc():
            Run(session, run_id, lease, find_source(), options, report).do()
        if report.joined:
            gather_first_statistics(session)
    except BaseException as e:
        session.rollback()
        _record_failure(session, run_id, e, report)
        raise
    finally:
        lease.release()
        session.commit()
    return report


def _record_failure(session: Session, run_id: int, e: BaseException, report: SyncReport) -> None:
    """Record why the run ended, unless it was already merged, and recorded with that."""
    status = "refused" if isinstance(e, RefusedByGuard) else "failed"
    try:
        if session.scalar(select(SyncRun.status).where(SyncRun.id == run_id)) != "running":
            return
        end_run(session, run_id, status, reasons_of(e), report)
        session.commit()
    except SQLAlchemyError as error:
        # Without the traceback, which may contain rows.
        log.error("The end of the run cannot be recorded: %s", reasons_of(error)[0])
        session.rollback()


def preview(
    session: Session, source: Source, options: Options = DEFAULTS
) -> tuple[SyncReport, dict[str, list[str]], str]:
    """What a full run would do: the report, descriptions by kind, and the text of a refusal or "".

    Writes nothing. Raises DirectoryError.
    """
    report = SyncReport(concealed=concealed(session, source))

    def start() -> Preview:
        report.start_over()
        return Preview(session, Comparison(session, source.schema, report, source.teams_of))

    collected, read, hidden = read_batches(
        source.directory.reads(source.schema, None), start, options
    )
    report.left = find_missing(session, collected.comparison, read)
    hiding = Hiding(session, hidden, report, report.left, collected.comparison.hidden_before)
    hiding.find()
    collected.add_leavers(report.left)
    collected.add_hidden(hidden)
    try:
        refuse(refusals(session, report, report.left, hiding, options))
        refused = ""
    except RefusedByGuard as e:
        refused = str(e)
    session.rollback()
    return report, collected.lines, refused


@contextmanager
def _without_gc() -> Iterator[None]:
    """Disable Python's cyclic garbage collector, which takes a quarter of the time: a run creates
    no cycles."""
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
