"""SyncRun: the records of sync runs and their results."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import JSON, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, Session, mapped_column

from ..clock import now
from ..db.base import Base
from ..db.types import StoredProblems, UTCDateTime
from ..jobs.lease import LeaseLost
from ..problems import Failure, Problem
from .guard import RefusedByGuard
from .report import SyncReport

KEPT_PROBLEMS = 1000


class SyncRun(Base):
    """One sync run: its times, result, counts and the problems of entries."""

    __tablename__ = "people_sync_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    started_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    kind: Mapped[str] = mapped_column(default="")
    """Either "full", or "changes" for a read of what changed since the last run."""
    status: Mapped[str] = mapped_column(default="running")
    """One of "running", "done", "incomplete", "refused" or "failed"."""
    reasons: Mapped[list[Problem]] = mapped_column(StoredProblems, nullable=True)
    """The reasons of an incomplete, refused or failed run."""
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    problems: Mapped[list[list[str]]] = mapped_column(JSON, default=list)
    """Lists of who (a login name, a DN, or the id of a hidden person), the directory's id, and the
    three values of a Problem. `problems.run_problems` has them with current names."""

    # Never reuse the id of a deleted run.
    __table_args__ = ({"sqlite_autoincrement": True},)


def last_run(session: Session, *statuses: str, kind: str = "") -> SyncRun | None:
    """The latest run, optionally only with one of these statuses, or of this kind."""
    query = select(SyncRun).order_by(SyncRun.id.desc()).limit(1)
    if statuses:
        query = query.where(SyncRun.status.in_(statuses))
    return session.scalar(query.where(SyncRun.kind == kind) if kind else query)


def history(session: Session, limit: int = 30) -> Sequence[SyncRun]:
    """The latest runs, newest first."""
    return session.scalars(select(SyncRun).order_by(SyncRun.id.desc()).limit(limit)).all()


def expected_people(session: Session) -> int:
    """The estimated number of people that a full run reads: that of the last one, else 0."""
    run = last_run(session, "done", kind="full")
    return run.counts.get("read", 0) if run else 0


def end_run(
    session: Session, run_id: int, status: str, reasons: list[Problem], report: SyncReport
) -> None:
    """Record the result of a run. Does not commit."""
    values = {
        "status": status,
        "kind": report.kind,
        "reasons": reasons,
        "finished_at": now(),
        "counts": report.counts,
        "problems": [
            [who, noted.id or "", *problem]
            for (who, problem), noted in zip(report.problems, report.entry_problems, strict=True)
        ][:KEPT_PROBLEMS],
    }
    session.execute(update(SyncRun).where(SyncRun.id == run_id).values(**values))


def reasons_of(e: BaseException) -> list[Problem]:
    """The error as problems, without the values of rows that a database error may contain."""
    if isinstance(e, RefusedByGuard):
        return e.problems
    if isinstance(e, LeaseLost):
        return [Problem("taken-over")]
    if isinstance(e, KeyboardInterrupt | SystemExit):
        return [Problem("stopped")]
    if isinstance(e, Failure):
        return [e.problem]
    text = str(getattr(e, "orig", None) or e) or type(e).__name__
    return [Problem("failed", "", text.splitlines()[0] if isinstance(e, SQLAlchemyError) else text)]
