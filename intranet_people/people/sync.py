"""From the directory's entries to rows: complete, guarded, one run at a time.

Read everything first, then work out what to write, then write it in one short transaction; a
leaver is marked only after a complete read, and never more of them at once than the guard allows.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..ldap.connection import Directory, IncompleteRead
from ..ldap.schemas import Record, Schema, record_of
from .lease import AlreadyRunning, Held, LeaseLost
from .merge import Known, PhotoCheck, known_people, mark_left, plan, write
from .person import Person, SyncRun, now
from .report import KINDS, Report

__all__ = ["AlreadyRunning", "LeaseLost", "TooManyLeavers", "last_run", "sync"]

MIN_LEAVERS = 5
NAMED = 20


class TooManyLeavers(Exception):
    """The guard: the run would mark too many people as left. Nothing was written."""


def sync(
    session: Session,
    directory: Directory,
    schema: Schema,
    check_photo: PhotoCheck,
    *,
    max_leavers: int | None = 5,
    dry_run: bool = False,
    progress: Callable[[int], None] = lambda read: None,
) -> Report:
    """One full run. Commits; the run is recorded as a SyncRun however it ends.

    `max_leavers` is in percent of the active people, None for no guard; `dry_run` takes all
    back, and so needs no guard. Raises AlreadyRunning, LeaseLost, TooManyLeavers,
    DirectoryError. An incomplete read is no error: `Report.incomplete` says how it ended.
    """
    lease = Held(session, "sync")
    run = SyncRun()
    session.add(run)
    session.commit()
    report = Report()
    try:
        records = _read(directory, schema, report, progress, lease)
        _merge(session, records, report, check_photo, None if dry_run else max_leavers, lease)
        if dry_run:
            session.rollback()
        status = "dry run" if dry_run else "incomplete" if report.incomplete else "done"
        _finish(session, run, lease, status, report.incomplete, report)
    except BaseException as e:
        session.rollback()
        status = "refused" if isinstance(e, TooManyLeavers) else "failed"
        _finish(session, run, lease, status, str(e) or type(e).__name__, report)
        raise
    return report


def last_run(session: Session, status: str | None = None) -> SyncRun | None:
    """The run that was started last, or the last that ended so; dry ones apart."""
    query = select(SyncRun).where(SyncRun.status != "dry run")
    if status:
        query = query.where(SyncRun.status == status)
    return session.scalar(query.order_by(SyncRun.id.desc()).limit(1))


def _read(
    directory: Directory,
    schema: Schema,
    report: Report,
    progress: Callable[[int], None],
    lease: Held,
) -> dict[str, Record]:
    """Every record by its immutable id; what was doubtful goes to the report."""
    records: dict[str, Record] = {}
    try:
        for entry in directory.read(schema.person_filter, schema.attributes):
            lease.keep()
            report.read += 1
            progress(report.read)
            record = record_of(entry, schema)
            if record is None:
                report.problems.append((entry.dn, f"has no {schema.id_attribute}; left out"))
            elif record.directory_id in records:
                report.problems.append((entry.dn, "has the id of another entry; left out"))
            else:
                records[record.directory_id] = record
                report.problems += ((record.handle, p) for p in record.problems)
    except IncompleteRead as e:
        report.incomplete = str(e)
    return records


def _merge(
    session: Session,
    records: dict[str, Record],
    report: Report,
    check_photo: PhotoCheck,
    max_leavers: int | None,
    lease: Held,
) -> None:
    known = known_people(session)
    gone = [k for id, k in known.items() if k.active and id not in records]
    if report.incomplete:
        gone = []
    _guard(gone, sum(k.active for k in known.values()), max_leavers)
    _report_doubles(records, report)
    planned = plan(records, known, report, check_photo, lease.keep)
    # From here on SQLite keeps other writers waiting: nothing slow comes any more.
    lease.renew()
    mark_left(session, gone, report)
    write(session, records, planned, report)
    ids = [id for kind in KINDS for id in getattr(report, kind)[:NAMED]]
    named = select(Person.id, Person.name).where(Person.id.in_(ids))
    report.names = dict(session.execute(named).all())


def _guard(gone: list[Known], active: int, max_leavers: int | None) -> None:
    if max_leavers is None or len(gone) <= max(MIN_LEAVERS, active * max_leavers // 100):
        return
    names = ", ".join(k.handle or "?" for k in gone[:5])
    raise TooManyLeavers(
        f"{len(gone)} of {active} people would be marked as left ({names}, ...). Nothing was"
        " changed. If that is right, look at `flask people sync --dry-run`, then run"
        " `flask people sync --force`; else check PEOPLE_LDAP_BASE_DN, PEOPLE_LDAP_PERSON_FILTER"
        " and what the service account may read."
    )


def _report_doubles(records: dict[str, Record], report: Report) -> None:
    seen: dict[str, str] = {}
    for r in records.values():
        if r.mail and seen.setdefault(r.mail, r.handle) != r.handle:
            report.problems.append((r.handle, f"has the mail of {seen[r.mail]}; both are kept"))


def _finish(
    session: Session, run: SyncRun, lease: Held, status: str, message: str, report: Report
) -> None:
    run.status, run.message, run.finished_at = status, message, now()
    run.counts = report.counts
    run.problems = [list(p) for p in report.problems[:1000]]
    lease.release()
    session.commit()
