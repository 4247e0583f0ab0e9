"""Compares entries with the rows of the same people: joined, changed, returned or unchanged."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..clock import now
from ..ldap.accounts import disabled
from ..ldap.changes import KnownDigests, digest_of
from ..ldap.entry import Entry
from ..ldap.mapping import Schema
from ..ldap.record import Record, directory_id_of, fingerprint_of, record_of
from ..people.person import Person, active
from ..problems import Problem
from .report import SyncReport

BATCH = 1000
FAR_FUTURE = datetime.max.replace(tzinfo=UTC)
TeamsOf = Callable[[Entry], list[str]]
"""Returns the teams of an entry, for teams that are groups."""


class KnownPerson(NamedTuple):
    """The columns of a person that a run needs; only a few, as there are many rows."""

    id: int
    directory_id: str
    handle: str | None
    fingerprint: str
    entry_digest: bytes | None
    photo_offered: str | None
    has_left: bool


# Without times, as converting them takes as long as all other columns.
KNOWN_COLUMNS = (
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

    `digest` is that of the entry; None if the result also depends on groups or the current time.
    """

    entry: Entry
    fingerprint: str
    digest: bytes | None
    teams: list[str]
    row: KnownPerson | None
    kind: str

    @property
    def known(self) -> KnownPerson:
        if self.row is None:
            raise LookupError(f"{self.entry.dn} is new")
        return self.row


class Comparison:
    """Compares the batches of one run. Duplicate entries of a person are problems."""

    def __init__(
        self, session: Session, schema: Schema, report: SyncReport, teams_of: TeamsOf | None = None
    ) -> None:
        self.session, self.schema, self.report = session, schema, report
        self.teams_of = teams_of
        self.seen: set[int] = set()
        """Ids of people who are still in the directory."""
        self._new: set[str] = set()
        self.disabled: set[int] = set()
        self.started_at = now()
        hidden = select(Person.id, Person.read_alone_at).where(Person.is_hidden)
        self.hidden_before = dict(session.execute(hidden).all())
        """Ids of people who were hidden when the run began, with their `read_alone_at`."""
        self.is_first = session.scalar(select(Person.id).limit(1)) is None
        """Whether there are no people yet."""

    def without_unchanged(self, entries: Iterable[Entry], seen: KnownDigests | None) -> list[Entry]:
        """Count the entries that are identical to the last run, each person once; returns the
        others."""
        others = []
        for entry in entries:
            person_id = seen.id_of(entry) if seen else None
            if person_id is None or person_id in self.seen:
                others.append(entry)
            else:
                self.seen.add(person_id)
                self.report.unchanged += 1
        return others

    def compare(self, entries: Sequence[Entry]) -> Iterator[Compared]:
        """Compare a batch. Entries without an id and duplicates become problems of the report."""
        by_id = self._by_id(entries)
        found = [] if self.is_first else known_people(self.session, by_id)
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

    def _compare(self, entry: Entry, row: KnownPerson | None) -> Compared:
        teams = self.teams_of(entry) if self.teams_of else []
        fingerprint = fingerprint_of(entry, self.schema)
        if teams:
            fingerprint = hashlib.sha256(repr((fingerprint, teams)).encode()).hexdigest()[:32]
        digest = None
        if entry.size and not self.teams_of and not disabled(entry, self.schema, FAR_FUTURE):
            digest = digest_of(entry, self.schema.digest_key)
        if digest is None and disabled(entry, self.schema, self.started_at):
            kind = "disabled"
        elif row is None:
            kind = "joined"
        elif row.has_left:
            kind = "returned"
        else:
            kind = "unchanged" if row.fingerprint == fingerprint else "changed"
        return Compared(entry, fingerprint, digest, teams, row, kind)

    def _note(self, entry: Entry, problem: Problem) -> None:
        self.report.add_problem(entry.dn, problem, directory_id_of(entry, self.schema))


def known_digests(session: Session) -> dict[bytes, int]:
    """People whose unchanged entries can be skipped: their ids by the entry's digest."""
    # People without the login name of the directory may get it now.
    has_their_name = Person.handle.is_not(None) & Person.handle.not_like("%~%")
    is_read = Person.fingerprint != ""
    query = select(Person.entry_digest, Person.id).where(active(), has_their_name, is_read)
    rows = session.execute(query)
    return {digest: id for digest, id in rows if digest}


def known_people(session: Session, directory_ids: Iterable[str]) -> list[KnownPerson]:
    """The rows of these people, including those who have left."""
    rows = session.execute(
        select(*KNOWN_COLUMNS).where(Person.directory_id.in_(list(directory_ids)))
    )
    return [KnownPerson._make(row) for row in rows]
