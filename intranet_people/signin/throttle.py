"""Guessing is slowed: after some wrong passwords for a name, or many from an address, a pause.

Meanwhile the directory is not asked. The tries are counted in a table, which all workers share,
under digests that name nobody. Those for a name are forgotten when there was none for as long as
the pause: so there are never more within such a time, wherever it begins.
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from sqlalchemy import delete, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from ..clock import now
from ..db.base import Base
from ..db.rows import insert_once
from ..db.types import UTCDateTime

PER_ADDRESS = 20
"""Attempts for an address, as a multiple of those for a name: it may be that of an office."""


class LoginAttempt(Base):
    """Wrong passwords since a time, and those that are being checked now."""

    __tablename__ = "people_login_attempt"

    key: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    since: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class Throttled(Exception):
    """Too many wrong passwords; the text is for the operator's log."""

    def __init__(self, whose: str) -> None:
        super().__init__(f"too many wrong passwords for one {whose}")


class Throttle:
    """Throttle of one sign-in. Each method commits.

    A try counts before it is known to be wrong: else many at once would all be let through.
    """

    def __init__(self, session: Session, secret: str | bytes, tries: int, pause: timedelta) -> None:
        """`tries` is the number of attempts for one name."""
        self.session, self.tries, self.pause = session, tries, pause
        self._secret = secret.encode() if isinstance(secret, str) else secret
        self._counted: dict[str, str] = {}
        self.left = tries
        """Tries that are left for the name as typed and from the address.

        Not for the person: names that nobody has would differ from those that somebody has.
        """

    def of_address(self, address: str | None) -> None:
        """Raises Throttled. An IPv6 address counts with all of its subnet: one computer has many.

        This machine's own, and a socket, are of a server in front, behind which is everybody.
        """
        if network := _network(address):
            self._count("address", network, self.tries * PER_ADDRESS)

    def of_name(self, name: str) -> None:
        """Count an attempt for the name as typed. Raises Throttled."""
        self._count("name", name, self.tries)

    def of_person(self, directory_id: str) -> None:
        """Count an attempt for the person, however the name was typed. Raises Throttled."""
        self._count("person", directory_id, self.tries)

    def was_right(self) -> None:
        """The password was right: forget the attempts for the name."""
        theirs = [key for whose, key in self._counted.items() if whose != "address"]
        self._counted = {w: key for w, key in self._counted.items() if w == "address"}
        self.session.execute(delete(LoginAttempt).where(LoginAttempt.key.in_(theirs)))
        self.was_none()

    def was_none(self) -> None:
        """The directory could not check the password: do not count this attempt."""
        for key in self._counted.values():
            less = update(LoginAttempt).where(LoginAttempt.key == key, LoginAttempt.count > 0)
            self.session.execute(less.values(count=LoginAttempt.count - 1))
        self._counted.clear()
        self.session.commit()

    def _count(self, whose: str, who: str, limit: int) -> None:
        key = hmac.digest(self._secret, f"{whose} {who}".encode(), "sha256").hex()
        self.session.execute(delete(LoginAttempt).where(LoginAttempt.since < now() - self.pause))
        insert_once(self.session, LoginAttempt, key=key, count=0, since=now())
        # An office makes mistakes all day; all of them are forgotten some time after the first.
        latest = {} if whose == "address" else {"since": now()}
        more = update(LoginAttempt).where(LoginAttempt.key == key, LoginAttempt.count < limit)
        more = more.values(count=LoginAttempt.count + 1, **latest).returning(LoginAttempt.count)
        count = self.session.scalar(more)
        self.session.commit()
        if count is None:
            raise Throttled(whose)
        if whose != "person":
            self.left = min(self.left, limit - count)
        self._counted[whose] = key


def _network(address: str | None) -> str:
    try:
        ip = ip_address(address or "")
    except ValueError:
        return ""  # a socket
    ip = getattr(ip, "ipv4_mapped", None) or ip
    if ip.is_loopback:
        return ""
    return str(ip_network((ip, 64), strict=False)) if ip.version == 6 else str(ip)
