"""Hide and show people, with a guard against showing many by mistake."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ..clock import now
from ..db.rows import chunks
from ..ldap.changes import Hidden
from ..people.person import Person
from ..problems import Problem
from .guard import is_too_many
from .report import SyncReport


class _Known(NamedTuple):
    """Somebody who is hidden as the run begins."""

    id: int
    directory_id: str
    provisionally: bool
    has_left: bool
    read_alone_at: datetime | None


class Hiding:
    """Of one run that has read all it could.

    Whoever the directory names is hidden, also who has left: their followers would see them. The
    others are shown again, by a sync that knows all who are hidden; where it does not, who joins or
    returns is hidden provisionally. Who has left stays as they were until they return.
    """

    def __init__(
        self,
        session: Session,
        hidden: Hidden,
        report: SyncReport,
        left: Iterable[int],
        before: Mapping[int, datetime | None],
    ) -> None:
        """`before` are those who were hidden when the run began to read, and when each of them was
        read alone."""
        self.session, self.hidden, self.report = session, hidden, report
        query = select(
            Person.id,
            Person.directory_id,
            Person.hidden_provisionally,
            Person.left_at.is_not(None),
            Person.read_alone_at,
        )
        rows = session.execute(query.where(Person.is_hidden))
        self._known = {row.id: row for row in map(_Known._make, rows)}
        away = {*left} | {k.id for k in self._known.values() if k.has_left} - {*report.returned}
        self._here = [k for k in self._known.values() if k.id not in away]
        is_known = not hidden.why_incomplete
        # Whoever signed in while the run was reading: the next run knows of them.
        seen = [k for k in self._here if is_known and before.get(k.id, now()) == k.read_alone_at]
        self._shown = [k for k in seen if k.directory_id not in hidden.ids]
        report.hidden_unknown = hidden.why_incomplete
        report.shown = [k.id for k in self._shown]
        concealed = hidden.ids | hidden.dns | {k.directory_id for k in self._known.values()}
        report.concealed = None if hidden.why_incomplete else concealed

    def refusal(self, max_leavers: int | None) -> Problem | None:
        """Why a run must not show so many people without --force, or None.

        Measured by those who are hidden, who are few: one in twenty of a whole company would be
        all of them. Who is hidden provisionally does not count.
        """
        count = sum(not k.provisionally for k in self._here)
        shown = sum(not k.provisionally for k in self._shown)
        if max_leavers is None or not is_too_many(shown, count, max_leavers):
            return None
        return Problem("too-many-shown", f"{shown}/{count}")

    def find(self) -> None:
        """Find who has to be hidden, among people who are here or left: in a run that writes, when
        those who join are here too."""
        self._found, self._provisionally = list[int](), list[int]()
        confirmed = {k.id for k in self._known.values() if not k.provisionally}
        for ids in chunks(sorted(self.hidden.ids)):
            found = self.session.scalars(select(Person.id).where(Person.directory_id.in_(ids)))
            self._found += (id for id in found if id not in confirmed)
        if self.hidden.why_incomplete:
            new = filter(None, [*self.report.joined, *self.report.returned])
            self._provisionally = sorted({*new} - self._known.keys() - {*self._found})
        self.report.hidden = [
            id for id in (*self._found, *self._provisionally) if id not in self._known
        ]

    def merge(self) -> None:
        """Apply it; the caller commits, together with the rest of the run."""
        for ids, values in (
            (self._found, {"is_hidden": True, "hidden_provisionally": False}),
            (self._provisionally, {"is_hidden": True, "hidden_provisionally": True}),
            (self.report.shown, {"is_hidden": False, "hidden_provisionally": False}),
        ):
            for some in chunks(ids):
                self.session.execute(update(Person).where(Person.id.in_(some)).values(**values))
