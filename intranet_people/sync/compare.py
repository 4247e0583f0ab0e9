"""Compare entries with the rows of the same people: new, changed, back or unchanged."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..clock import now
from ..ldap.changes import KnownDigests, digest_of
from ..ldap.entry import Entry
from ..ldap.schemas import Record, Schema, directory_id_of, disabled, fingerprint_of, record_of
from ..people.person import Person, active
from ..problems import Problem
from .report import SyncReport

BATCH = 1000
FOREVER = datetime.max.replace(tzinfo=UTC)
TeamsOf = Callable[[Entry], list[str]]
"""Returns the teams of an entry, if teams are groups."""


class Known(NamedTuple):
    """The columns of a row that a run needs: few, as there are very many rows."""

    id: int
    directory_id: str
    handle: str | None
    fingerprint: str
    entry_digest: bytes | None
    photo_offered: str | None
    has_left: bool


# No times: to read them takes as long as all the rest.
COLUMNS = (
    Person.id,
    Person.directory_id,
    Person.handle,
    Person.fingerprint,
    Person.entry_digest,
    Person.photo_offered,
    Person.left_at.is_not(None),
)


@dataclass(slots=True)
class Compared:
    """One entry and its row. `kind` is joined, changed, returned, unchanged or disabled.

    `digest` is that of the entry as long as the same bytes will always mean the same.
    """

    entry: Entry
    fingerprint: str
    digest: bytes | None
    teams: list[str]
    row: Known | None
    kind: str

    @property
    def known(self) -> Known:
        if self.row is None:
            raise LookupError(f"{self.entry.dn} is new")
        return self.row


class Comparison:
    """Compares the batches of one run. Each person counts once."""

    def __init__(
        self, session: Session, schema: Schema, report: SyncReport, teams_of: TeamsOf | None = None
    ) -> None:
        self.session, self.schema, self.report = session, schema, report
        self.teams_of = teams_of
        self.seen: set[int] = set()
        """Ids of the people whom the directory still has."""
        self._new: set[str] = set()
        self.disabled: set[int] = set()
        self.moment = now()
        hidden = select(Person.id, Person.read_alone_at).where(Person.is_hidden)
        self.hidden_before = dict(session.execute(hidden).all())
        """Who was hidden when the run began to read, and when each of them was read alone."""
        self.is_first = session.scalar(select(Person.id).limit(1)) is None
        """Whether nobody is known yet."""

    def without_unchanged(self, entries: Iterable[Entry], seen: KnownDigests | None) -> list[Entry]:
        """Counts those that come with the very bytes with which somebody came before, and first of
        this person in this run; returns the others."""
        others = []
        for entry in entries:
            who = seen.id_of(entry) if seen else None
            if who is None or who in self.seen:
                others.append(entry)
            else:
                self.seen.add(who)
                self.report.unchanged += 1
        return others

    def of(self, entries: Sequence[Entry]) -> Iterator[Compared]:
        """The entries of a batch that are somebody; the others are noted in the report."""
        by_id = self._by_id(entries)
        found = [] if self.is_first else known(self.session, by_id)
        rows = {row.directory_id: row for row in found}
        for directory_id, entry in by_id.items():
            row = rows.get(directory_id)
            if row.id in self.seen if row else directory_id in self._new:
                self._note(entry, Problem("same-id"))
                continue
            compared = self._compare(entry, row)
            if compared.kind == "disabled":
                self.report.disabled += 1
                self.disabled |= {row.id} if row else set()
            elif row:
                self.seen.add(row.id)
            else:
                self._new.add(directory_id)
            yield compared

    def record(self, compared: Compared) -> Record:
        record = record_of(compared.entry, self.schema)
        if record is None:
            raise ValueError(f"{compared.entry.dn} has an id and has none")
        return record

    def _by_id(self, entries: Iterable[Entry]) -> dict[str, Entry]:
        by_id: dict[str, Entry] = {}
        for entry in entries:
            directory_id = directory_id_of(entry, self.schema)
            if not directory_id:
                self._note(entry, Problem("no-id", self.schema.id_attribute))
            elif by_id.setdefault(directory_id, entry) is not entry:
                self._note(entry, Problem("same-id"))
        return by_id

    def _compare(self, entry: Entry, row: Known | None) -> Compared:
        teams = self.teams_of(entry) if self.teams_of else []
        fingerprint = fingerprint_of(entry, self.schema)
        if teams:
            fingerprint = hashlib.sha256(repr((fingerprint, teams)).encode()).hexdigest()[:32]
        digest = None
        if entry.size and not self.teams_of and not disabled(entry, self.schema, FOREVER):
            digest = digest_of(entry, self.schema.digest_key)
        if digest is None and disabled(entry, self.schema, self.moment):
            kind = "disabled"
        elif row is None:
            kind = "joined"
        elif row.has_left:
            kind = "returned"
        else:
            kind = "unchanged" if row.fingerprint == fingerprint else "changed"
        return Compared(entry, fingerprint, digest, teams, row, kind)

    def _note(self, entry: Entry, problem: Problem) -> None:
        self.report.note(entry.dn, problem, directory_id_of(entry, self.schema))


def seen_before(session: Session) -> dict[bytes, int]:
    """People whose unchanged entries can be skipped: their ids by the entry's digest."""
    # Who has not the name that the directory gives them may get it now.
    has_their_name = Person.handle.is_not(None) & Person.handle.not_like("%~%")
    is_read = Person.fingerprint != ""
    query = select(Person.entry_digest, Person.id).where(active(), has_their_name, is_read)
    rows = session.execute(query)
    return {digest: id for digest, id in rows if digest}


def known(session: Session, directory_ids: Iterable[str]) -> list[Known]:
    """Rows of people who are or were here."""
    rows = session.execute(select(*COLUMNS).where(Person.directory_id.in_(list(directory_ids))))
    return [Known._make(row) for row in rows]
