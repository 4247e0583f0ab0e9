"""Guessing is slowed: after some wrong passwords for a name, or many from an address, a pause.

Meanwhile the directory is not asked, so whoever guesses here locks nobody's account there. The
tries are counted in a table, which all workers share, under digests that name nobody.
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from sqlalchemy import delete, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from ..people.person import Base, UTCDateTime, now
from ..people.rows import insert_once

PAUSE = timedelta(minutes=10)
PER_ADDRESS = 20
"""So many times as for a name: behind one address may be a whole office."""


class Guess(Base):
    """Wrong passwords since a moment; and those that are being looked at."""

    __tablename__ = "people_guess"

    key: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    since: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class Paused(Exception):
    """Too many wrong passwords; the text is for the operator's log."""

    def __init__(self, whose: str) -> None:
        super().__init__(f"too many wrong passwords for one {whose} within ten minutes")


class Guesses:
    """Of one sign-in. Each method commits.

    A try counts before it is known to be wrong: else many at once would all be let through.
    """

    def __init__(self, session: Session, secret: str | bytes, tries: int) -> None:
        """`tries` are those for one name."""
        self.session, self.tries = session, tries
        self._secret = secret.encode() if isinstance(secret, str) else secret
        self._counted: dict[str, str] = {}

    def of_address(self, address: str | None) -> None:
        """Raises Paused. An IPv6 address counts with all of its subnet: one computer has many."""
        self._count("address", _network(address), self.tries * PER_ADDRESS)

    def of_name(self, name: str) -> None:
        """Raises Paused."""
        self._count("name", name, self.tries)

    def was_right(self) -> None:
        """The name's are forgotten."""
        if name := self._counted.pop("name", None):
            self.session.execute(delete(Guess).where(Guess.key == name))
        self.was_none()

    def was_none(self) -> None:
        """The directory could not say: this one does not count."""
        for key in self._counted.values():
            less = update(Guess).where(Guess.key == key, Guess.count > 0)
            self.session.execute(less.values(count=Guess.count - 1))
        self._counted.clear()
        self.session.commit()

    def _count(self, whose: str, who: str, limit: int) -> None:
        key = hmac.digest(self._secret, f"{whose} {who}".encode(), "sha256").hex()
        self.session.execute(delete(Guess).where(Guess.since < now() - PAUSE))
        insert_once(self.session, Guess, key=key, count=0, since=now())
        more = update(Guess).where(Guess.key == key, Guess.count < limit)
        more = more.values(count=Guess.count + 1).returning(Guess.key)
        is_counted = bool(self.session.execute(more).all())
        self.session.commit()
        if not is_counted:
            raise Paused(whose)
        self._counted[whose] = key


def _network(address: str | None) -> str:
    try:
        ip = ip_address(address or "")
    except ValueError:
        return ""  # a socket, or a test
    return str(ip_network((ip, 64), strict=False)) if ip.version == 6 else str(ip)
