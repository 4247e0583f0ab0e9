"""One run of the sync, recorded however it ends; and what one would do.

What comes from the directory is compared with the rows and staged, batch by batch; only when all
was read, and the guard has nothing against it, one brief transaction makes it true. Killed at any
point, the rows are as before the run or as after it, and the next run goes on from there.
"""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from ..db.rows import insert_once
from ..db.sqlite import use_memory
from ..jobs.lease import AlreadyRunning, LeaseHandle, LeaseLost
from ..people.person import SyncState
from .compare import Comparison
from .erase import forget_runs
from .guard import RefusedByGuard, refuse
from .hidden import Hiding
from .history import SyncRun, end_run, expected_people, reasons_of
from .leavers import find_missing
from .preview import Preview
from .read import USUAL, Options, Source, read_batches
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
            Run(session, run_id, lease, find_source(), options, report).do()
    except BaseException as e:
        session.rollback()
        _record_failure(session, run_id, e, report)
        raise
    finally:
        lease.release()
        session.commit()
    return report


def _record_failure(session: Session, run_id: int, e: BaseException, report: SyncReport) -> None:
    status = "refused" if isinstance(e, RefusedByGuard) else "failed"
    try:
        end_run(session, run_id, status, reasons_of(e), report)
        session.commit()
    except SQLAlchemyError as worse:
        # Without the traceback, which quotes rows.
        log.error("The end of the run cannot be recorded: %s", reasons_of(worse)[0])
        session.rollback()


def preview(
    session: Session, source: Source, options: Options = USUAL
) -> tuple[SyncReport, dict[str, list[str]], str]:
    """What a full run would do: the first of each kind in words, and what the guard would say.

    Writes nothing. Raises DirectoryError.
    """
    report = SyncReport(concealed=concealed(session, source))

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
        refuse(refusals(session, report, report.left, hiding, options))
        refused = ""
    except RefusedByGuard as e:
        refused = str(e)
    session.rollback()
    return report, taken.lines, refused


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
