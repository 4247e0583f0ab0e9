"""One run of each job at a time, on any number of machines: a lease row that expires."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import ColumnElement, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from ..clock import now
from ..db.base import Base
from ..db.types import UTCDateTime

LASTS = timedelta(minutes=15)
RENEW_AFTER = timedelta(minutes=1)
PROC = Path("/proc")


class AlreadyRunning(Exception):
    """Another run holds the lease."""


class LeaseLost(Exception):
    """This run stalled so long that its lease expired and another run took it."""


class LeaseHandle:
    """The lease of this run. Raises AlreadyRunning. All methods commit, except `release`.

    The expiry time also tells this lease from that of a run that took over later. If the process
    that held it died on this machine it ends at once; on another machine it has to expire.
    """

    def __init__(self, session: Session, name: str, lasts: timedelta = LASTS) -> None:
        self.session, self.name, self.until = session, name, now() + lasts
        self.lasts = lasts
        holder = session.scalar(select(Lease.holder).where(Lease.name == name)) or ""
        session.commit()
        over = Lease.expires_at < now()
        if holder and _is_dead(holder):
            over |= Lease.holder == holder
        session.execute(delete(Lease).where(Lease.name == name, over))
        try:
            mine = {"name": name, "expires_at": self.until, "holder": _this_process()}
            session.execute(insert(Lease).values(**mine))
            session.commit()
        except IntegrityError:
            session.rollback()
            raise AlreadyRunning(f"Another `flask people {name}` is already running.") from None

    def renew_when_due(self) -> None:
        """Call this often: it renews the lease about once a minute."""
        if now() >= self.until - self.lasts + min(RENEW_AFTER, self.lasts / 2):
            self.renew()

    def renew(self) -> None:
        """Raises LeaseLost if another run has it now."""
        until = now() + self.lasts
        renewal = update(Lease).where(*self._ours()).values(expires_at=until)
        renewed = self.session.execute(renewal.returning(Lease.name)).all()
        self.session.commit()
        if not renewed:
            raise LeaseLost(self._lost())
        self.until = until

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A transaction that commits only while this run holds the lease. Raises LeaseLost."""
        # End the reads before it: under a stricter isolation level a database refuses to write
        # after a read that is out of date.
        self.session.commit()
        self.renew_when_due()
        held = update(Lease).where(*self._ours()).values(name=self.name)
        try:
            if not self.session.execute(held.returning(Lease.name)).all():
                raise LeaseLost(self._lost())
            yield
            self.session.commit()
        except BaseException:
            self.session.rollback()
            raise

    def release(self) -> None:
        """Give it back; the caller commits. The lease of another run stays."""
        self.session.execute(delete(Lease).where(*self._ours()))

    def _ours(self) -> tuple[ColumnElement[bool], ...]:
        return Lease.name == self.name, Lease.expires_at == self.until

    def _lost(self) -> str:
        return (
            f"This run took so long that another `flask people {self.name}` has taken over;"
            " it stopped before it wrote any more."
        )


def is_held(session: Session, name: str) -> bool:
    """Whether a run of that job is under way."""
    query = select(Lease.holder).where(Lease.name == name, Lease.expires_at >= now())
    holder = session.scalar(query)
    return holder is not None and not (holder and _is_dead(holder))


def _this_process() -> str:
    """The boot id, pid namespace, pid and start time (proc(5)); "" where they are unknown.

    So that neither another machine or container nor a pid that is used again is taken for it.
    """
    return _process("self", os.getpid())


def _process(name: str, pid: int) -> str:
    try:
        boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()
        space = (PROC / "self/ns/pid").readlink()
        began = (PROC / name / "stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""
    return f"{boot} {space} {pid} {began}"


def _is_dead(holder: str) -> bool:
    """Whether it was a process of this machine that no longer runs."""
    here = _this_process().split()
    there = holder.split()
    if not here or here[:2] != there[:2]:
        return False
    try:
        os.kill(int(there[2]), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass  # it runs as another user
    now_there = _process(there[2], int(there[2]))
    return bool(now_there) and now_there != holder


class Lease(Base):
    """Held by the one run of a kind; it expires, so that a killed one blocks nobody for long."""

    __tablename__ = "people_lease"

    name: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    holder: Mapped[str] = mapped_column(default="")
    """The process that holds it, where known."""
