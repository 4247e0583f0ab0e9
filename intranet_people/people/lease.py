"""One run of a kind at a time, on however many machines: a row that expires."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, delete, insert, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from .person import Lease, now

LASTS = timedelta(minutes=15)
RENEW_AFTER = timedelta(minutes=1)


class AlreadyRunning(Exception):
    """Another run holds the lease."""


class LeaseLost(Exception):
    """This run was away for so long that its lease expired, and another took it."""


class Held:
    """A lease that this run has taken. Raises AlreadyRunning; each method commits but the last.

    When it expires also tells it from that of a run that took over later.
    """

    def __init__(self, session: Session, name: str) -> None:
        self.session, self.name, self.until = session, name, now() + LASTS
        session.execute(delete(Lease).where(Lease.name == name, Lease.expires_at < now()))
        try:
            session.execute(insert(Lease).values(name=name, expires_at=self.until))
            session.commit()
        except IntegrityError:
            session.rollback()
            raise AlreadyRunning(f"Another `flask people {name}` is already running.") from None

    def keep(self) -> None:
        """To be called often: renews it about once a minute."""
        if now() >= self.until - LASTS + RENEW_AFTER:
            self.renew()

    def renew(self) -> None:
        """Raises LeaseLost where it is no longer ours."""
        until = now() + LASTS
        renewal = update(Lease).where(*self._ours()).values(expires_at=until)
        renewed = self.session.execute(renewal.returning(Lease.name)).all()
        self.session.commit()
        if not renewed:
            raise LeaseLost(
                f"This run took so long that another `flask people {self.name}` has taken over;"
                " it stopped before it wrote any more."
            )
        self.until = until

    def release(self) -> None:
        """Gives it back with the commit of the caller; that of another run stays."""
        self.session.execute(delete(Lease).where(*self._ours()))

    def _ours(self) -> tuple[ColumnElement[bool], ...]:
        return Lease.name == self.name, Lease.expires_at == self.until
