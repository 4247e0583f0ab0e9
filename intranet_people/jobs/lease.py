"""One run of each job at a time, on any number of machines: a lease row that expires."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from ..clock import now
from ..db.base import Base
from ..db.types import UTCDateTime

LASTS = timedelta(minutes=5)
RENEW_AFTER = timedelta(minutes=1)


class AlreadyRunning(Exception):
    """Another run holds the lease."""


class LeaseLost(Exception):
    """This run stalled so long that its lease expired and another run took it."""


class LeaseHandle:
    """The lease of this run. Raises AlreadyRunning. All methods commit, except `release`.

    Its expiry time distinguishes it from the lease of a run that took over. After a run is killed,
    its lease blocks the next run until it expires.
    """

    def __init__(self, session: Session, name: str) -> None:
        self.session, self.name, self.until = session, name, now() + LASTS
        session.commit()
        session.execute(delete(Lease).where(Lease.name == name, Lease.expires_at < now()))
        try:
            session.execute(insert(Lease).values(name=name, expires_at=self.until))
            session.commit()
        except IntegrityError:
            session.rollback()
            raise AlreadyRunning(_why_not(session, name)) from None

    def renew_when_due(self) -> None:
        """Call this often: it renews the lease about once a minute."""
        if now() >= self.until - LASTS + RENEW_AFTER:
            self.renew()

    def renew(self) -> None:
        """Raises LeaseLost if another run has it now."""
        until = now() + LASTS
        renewal = update(Lease).where(*self._ours()).values(expires_at=until)
        renewed = self.session.execute(renewal.returning(Lease.name)).all()
        self.session.commit()
        if not renewed:
            raise LeaseLost(self._lost())
        self.until = until

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A transaction that commits only while this run holds the lease. Raises LeaseLost."""
        # End earlier reads: at stricter isolation levels a database refuses to write after a read
        # that is out of date.
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
        """Give up the lease; the caller commits. The lease of another run stays."""
        self.session.execute(delete(Lease).where(*self._ours()))

    def _ours(self) -> tuple[ColumnElement[bool], ...]:
        return Lease.name == self.name, Lease.expires_at == self.until

    def _lost(self) -> str:
        return (
            f"This run took so long that another `flask people {self.name}` has taken over;"
            " it stopped before it wrote any more."
        )


def is_held(session: Session, name: str) -> bool:
    """Whether a run of that job is in progress, or was killed minutes ago."""
    query = select(Lease.name).where(Lease.name == name, Lease.expires_at >= now())
    return session.scalar(query) is not None


def _why_not(session: Session, name: str) -> str:
    until = session.scalar(select(Lease.expires_at).where(Lease.name == name))
    session.commit()
    free = f" If it was killed, the next one can start at {until:%H:%M:%S} UTC." if until else ""
    return f"Another `flask people {name}` is already running.{free}"


class Lease(Base):
    """One lease for each job. It expires, so that a killed run does not block others for long."""

    __tablename__ = "people_lease"

    name: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
