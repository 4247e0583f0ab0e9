"""Hides and shows people, with a guard against showing many by mistake."""

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


class _HiddenPerson(NamedTuple):
    """A person who was hidden before this run."""

    id: int
    directory_id: str
    provisionally: bool
    has_left: bool
    read_alone_at: datetime | None


class Hiding:
    """Whom to hide and show, after the people were read.

    People whom the directory hides are hidden, even if they have left, as their followers could see
    them. Others are shown again, but only if the list of hidden people is complete. If not, people
    who join or return are hidden provisionally. People who have left are shown again only when they
    return.
    """

    def __init__(
        self,
        session: Session,
        hidden: Hidden,
        report: SyncReport,
        left: Iterable[int],
        before: Mapping[int, datetime | None],
    ) -> None:
        """`before` is Comparison.hidden_before."""
        self.session, self.hidden, self.report = session, hidden, report
        query = select(
            Person.id,
            Person.directory_id,
            Person.hidden_provisionally,
            Person.left_at.is_not(None),
            Person.read_alone_at,
        )
        rows = session.execute(query.where(Person.is_hidden))
        self._known = {row.id: row for row in map(_HiddenPerson._make, rows)}
        gone = {*left} | {k.id for k in self._known.values() if k.has_left} - {*report.returned}
        self._here = [k for k in self._known.values() if k.id not in gone]
        is_known = not hidden.why_incomplete
        # Skip people who signed in during the run: its list of hidden people may be older.
        eligible = [
            k for k in self._here if is_known and before.get(k.id, now()) == k.read_alone_at
        ]
        self._shown = [k for k in eligible if k.directory_id not in hidden.ids]
        report.hidden_unknown = hidden.why_incomplete
        report.shown = [k.id for k in self._shown]
        concealed = hidden.ids | hidden.dns | {k.directory_id for k in self._known.values()}
        report.concealed = None if hidden.why_incomplete else concealed

    def refusal(self, max_leavers: int | None) -> Problem | None:
        """The reason to refuse showing so many people without --force, or None.

        It is a percentage of the hidden people, because these are few: one in twenty of the company
        would be all of them. People who are hidden provisionally do not count.
        """
        count = sum(not k.provisionally for k in self._here)
        shown = sum(not k.provisionally for k in self._shown)
        if max_leavers is None or not is_too_many(shown, count, max_leavers):
            return None
        return Problem("too-many-shown", f"{shown}/{count}")

    def find(self) -> None:
        """Find the people to hide. In a run that writes, call this after the merge, so that new
        people are found too."""
        self._found, self._found_provisionally = list[int](), list[int]()
        confirmed = {k.id for k in self._known.values() if not k.provisionally}
        for ids in chunks(sorted(self.hidden.ids)):
            found = self.session.scalars(select(Person.id).where(Person.directory_id.in_(ids)))
            self._found += (id for id in found if id not in confirmed)
        if self.hidden.why_incomplete:
            new = filter(None, [*self.report.joined, *self.report.returned])
            self._found_provisionally = sorted({*new} - self._known.keys() - {*self._found})
        self.report.hidden = [
            id for id in (*self._found, *self._found_provisionally) if id not in self._known
        ]

    def merge(self) -> None:
        """Hide and show them; the caller commits."""
        for ids, values in (
            (self._found, {"is_hidden": True, "hidden_provisionally": False}),
            (self._found_provisionally, {"is_hidden": True, "hidden_provisionally": True}),
            (self.report.shown, {"is_hidden": False, "hidden_provisionally": False}),
        ):
            for batch in chunks(ids):
                self.session.execute(update(Person).where(Person.id.in_(batch)).values(**values))
