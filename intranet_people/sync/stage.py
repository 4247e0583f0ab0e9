"""What a run is going to change, written beforehand in small steps that nobody sees yet.

So that the merge is brief whatever the size of the company, and other writers never wait for long:
who joins and what changes waits in a table of its own. The index of words follows the merge.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, bindparam, column, delete, func, insert, select, table, update
from sqlalchemy.orm import Session

from ..db.base import table_of
from ..db.rows import chunks, insert_many
from ..jobs.lease import LeaseHandle
from ..ldap.entry import Entry
from ..ldap.schemas import Record
from ..people import index
from ..people.index import NEEDED_FOR_WORDS, index_words
from ..people.person import Person, SyncState, active
from .columns import Photos, columns_of, store_photos
from .compare import BATCH, Compared, Comparison, Known
from .staged import StagedPerson

Rows = list[dict[str, Any]]
WORDS_AT_ONCE = 5000
"""People whose words are written in one transaction: the index writes a segment for each."""

_PERSON = table_of(Person)
_SET_MANAGER = (
    update(table_of(StagedPerson))
    .where(table_of(StagedPerson).c.person_id == bindparam("of"))
    .values(manager_id=bindparam("manager"))
)
# Whoever is to be read again, since their photo was lost, has another fingerprint by then.
_NOTE_DIGEST = (
    update(_PERSON)
    .where(_PERSON.c.id == bindparam("of"), _PERSON.c.fingerprint == bindparam("was"))
    .values(entry_digest=bindparam("now"))
)


class Stage:
    """The staging of one run. Each step is a transaction that fails if the lease was lost."""

    def __init__(
        self,
        session: Session,
        run_id: int,
        lease: LeaseHandle,
        comparison: Comparison,
        since: datetime,
    ) -> None:
        """`since` is the joining date for people of whom the directory does not say it."""
        self.session, self.run_id, self.lease, self.since = session, run_id, lease, since
        self.comparison, self.report = comparison, comparison.report
        self.wanted: dict[int, str] = {}
        """Login names that change, or that somebody has already: assigned when all is read."""
        self._ids = _ids(session, lease)
        self._written_otherwise: list[tuple[int, str, bytes]] = []
        self._ids_by_dn = dict[int, int]()
        self._without_manager: list[tuple[int, int]] = []
        self._handles = set[str]()

    def take(self, entries: Sequence[Entry]) -> None:
        """Stage one batch of at most BATCH entries."""
        staged: Rows = []
        photos: Photos = {}
        for compared in self.comparison.of(entries):
            getattr(self, f"_{compared.kind}")(compared, staged, photos)
        self._keep_when_they_joined(staged)
        self._name([row for row in staged if row["is_new"]])
        self.session.commit()
        self.lease.renew_when_due()
        if staged:
            with self.lease.transaction():
                store_photos(self.session, self.run_id, photos)
                insert_many(self.session, StagedPerson, staged)

    def end(self) -> None:
        """Find the managers of those who join, where these came later or were here before."""
        for some in chunks(self._without_manager):
            keys = {key for _, key in some}
            here = select(Person.dn_key, func.min(Person.id)).where(active())
            query = here.where(Person.dn_key.in_(keys)).group_by(Person.dn_key)
            ids = dict(self.session.execute(query).all())
            ids |= {key: self._ids_by_dn[key] for key in keys - ids.keys() & self._ids_by_dn.keys()}
            found = [{"of": of, "manager": ids[key]} for of, key in some if key in ids]
            with self.lease.transaction():
                if found := [row for row in found if row["of"] != row["manager"]]:
                    self.session.execute(_SET_MANAGER, found)

    def note_digests(self) -> None:
        """Once the run was merged: a run that is refused writes nothing."""
        for some in chunks(self._written_otherwise):
            with self.lease.transaction():
                rows = [{"of": id, "was": was, "now": digest} for id, was, digest in some]
                self.session.execute(_NOTE_DIGEST, rows)

    def _disabled(self, compared: Compared, staged: Rows, photos: Photos) -> None:
        pass

    def _unchanged(self, compared: Compared, staged: Rows, photos: Photos) -> None:
        self.report.unchanged += 1
        row = compared.known
        if compared.digest and compared.digest != row.entry_digest:
            self._written_otherwise.append((row.id, row.fingerprint, compared.digest))
        # Who has not the name that the directory gives them may get it now.
        if row.handle is None or "~" in row.handle:
            self._want(row, self.comparison.record(compared))

    def _joined(self, compared: Compared, staged: Rows, photos: Photos) -> None:
        record, person_id = self.comparison.record(compared), next(self._ids)
        self.report.joined.append(person_id)
        row = self._row(person_id, compared, record, photos)
        row["handle"], row["manager_id"] = record.handle, self._manager(record, person_id)
        staged.append(row)

    def _manager(self, record: Record, person_id: int) -> int | None:
        """The manager, in a first run that read them before; else they are found at the end."""
        manager = None
        if key := record.manager_key:
            manager = self._ids_by_dn.get(key) if self.comparison.is_first else None
            if manager is None:
                self._without_manager.append((person_id, key))
        self._ids_by_dn.setdefault(record.dn_key, person_id)
        return manager

    def _changed(self, compared: Compared, staged: Rows, photos: Photos) -> None:
        row, record = compared.known, self.comparison.record(compared)
        (self.report.returned if row.has_left else self.report.changed).append(row.id)
        self._want(row, record)
        staged.append(self._row(row.id, compared, record, photos))

    _returned = _changed

    def _want(self, row: Known, record: Record) -> None:
        if row.handle != record.handle:
            self.wanted[row.id] = record.handle

    def _row(
        self, person_id: int, compared: Compared, record: Record, photos: Photos
    ) -> dict[str, Any]:
        row = columns_of(compared, record, photos, self.since)
        for problem in row["problems"]:
            self.report.note(record.handle, problem, record.directory_id)
        row["person_id"], row["run_id"] = person_id, self.run_id
        row["directory_id"], row["is_new"] = record.directory_id, compared.row is None
        row["handle"] = row["manager_id"] = None
        return row

    def _keep_when_they_joined(self, staged: Rows) -> None:
        """Keep the joining date of people of whom the directory does not say it."""
        unsaid = [row["person_id"] for row in staged if row["joined_at"] is None]
        query = select(Person.id, Person.joined_at).where(Person.id.in_(unsaid))
        known = dict(self.session.execute(query).all()) if unsaid else {}
        for row in staged:
            row["joined_at"] = row["joined_at"] or known[row["person_id"]]

    def _name(self, joiners: Rows) -> None:
        """Give joiners their login names at once, unless somebody has them."""
        names = [joiner["handle"] for joiner in joiners]
        query = select(Person.handle).where(Person.handle.in_(names))
        self._handles.update(name for name in self.session.scalars(query) if name)
        for joiner in joiners:
            if (name := joiner["handle"]) in self._handles:
                self.wanted[joiner["person_id"]] = name
                joiner["handle"] = None
            self._handles.add(name)


def empty_stage(session: Session, lease: LeaseHandle) -> None:
    """Put everybody whom a run has merged into the index of words, in small steps; then delete
    all that is staged. What a run left that was killed before its merge is only deleted."""
    staged = table_of(StagedPerson)
    names = ("person_id", "handle", *NEEDED_FOR_WORDS)
    columns = [Person.handle if name == "handle" else staged.c[name] for name in names]
    query = select(*columns).join(Person, Person.id == staged.c.person_id)
    query = query.where(staged.c.run_id <= select(SyncState.run_id).scalar_subquery())
    query, last = query.order_by(staged.c.person_id).limit(WORDS_AT_ONCE), 0
    while rows := session.execute(query.where(staged.c.person_id > last)).all():
        words = [(row[0], *index_words(dict(zip(names, row, strict=True)))) for row in rows]
        last = rows[-1][0]
        with lease.transaction():
            index.write(session, words)
    if session.scalar(select(staged.c.person_id).limit(1)) is not None:
        with lease.transaction():
            # All of it, which SQLite does at once.
            session.execute(delete(staged))


def _ids(session: Session, lease: LeaseHandle) -> Iterator[int]:
    """Ids for new people, which nobody else ever gets."""
    is_postgresql = session.get_bind().dialect.name == "postgresql"
    while True:
        yield from (_from_sequence if is_postgresql else _reserve)(session, lease)


def _from_sequence(session: Session, lease: LeaseHandle) -> Sequence[int]:
    sequence = func.pg_get_serial_sequence("people_person", "id")
    query = select(func.nextval(sequence)).select_from(func.generate_series(1, BATCH))
    return session.scalars(query).all()


def _reserve(session: Session, lease: LeaseHandle) -> Sequence[int]:
    """As SQLite itself does it (https://sqlite.org/autoinc.html)."""
    made = table("sqlite_sequence", column("seq", Integer), column("name"))
    ours = made.c.name == "people_person"
    with lease.transaction():
        last = session.scalar(select(made.c.seq).where(ours))
        if last is None:
            session.execute(insert(made).values(name="people_person", seq=0))
        session.execute(update(made).where(ours).values(seq=made.c.seq + BATCH))
    return range((last or 0) + 1, (last or 0) + BATCH + 1)
