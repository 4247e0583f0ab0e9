"""Stages the changes of a run in a separate table, in small transactions.

The merge is then short even for a large company, and other writers never wait long. The index of
words is updated after the merge.
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
from ..ldap.record import Record
from ..people import index
from ..people.index import NEEDED_FOR_WORDS, index_words
from ..people.person import Person, SyncState, active
from .columns import Photos, columns_of, store_photos
from .compare import BATCH, Compared, Comparison, KnownPerson
from .staged import StagedPerson

Rows = list[dict[str, Any]]
INDEX_BATCH = 10_000
"""People per transaction of the index, which writes a segment for each transaction."""

_PERSON = table_of(Person)
_SET_MANAGER = (
    update(table_of(StagedPerson))
    .where(table_of(StagedPerson).c.person_id == bindparam("of"))
    .values(manager_id=bindparam("manager"))
)
# Not for a person whose fingerprint was reset meanwhile, to read a lost photo again.
_SET_DIGEST = (
    update(_PERSON)
    .where(_PERSON.c.id == bindparam("of"), _PERSON.c.fingerprint == bindparam("was"))
    .values(entry_digest=bindparam("now"))
)


class Stage:
    """The staging of one run. Each step is a transaction that fails if the lease is lost."""

    def __init__(
        self,
        session: Session,
        run_id: int,
        lease: LeaseHandle,
        comparison: Comparison,
        since: datetime,
    ) -> None:
        """`since` is the joining date for people without one in the directory."""
        self.session, self.run_id, self.lease, self.since = session, run_id, lease, since
        self.comparison, self.report = comparison, comparison.report
        self.wanted: dict[int, str] = {}
        """Login names that change or are taken, by person id; assigned after the read."""
        self._new_ids = _new_ids(session, lease)
        self._new_digests: list[tuple[int, str, bytes]] = []
        self._ids_by_dn = dict[int, int]()
        self._without_manager: list[tuple[int, int]] = []
        self._handles = set[str]()

    def add(self, entries: Sequence[Entry]) -> None:
        """Stage one batch of at most BATCH entries."""
        staged: Rows = []
        photos: Photos = {}
        for compared in self.comparison.compare(entries):
            getattr(self, f"_{compared.kind}")(compared, staged, photos)
        self._keep_joined_at(staged)
        self._name([row for row in staged if row["is_new"]])
        self.session.commit()
        self.lease.renew_when_due()
        if staged:
            with self.lease.transaction():
                store_photos(self.session, self.run_id, photos)
                insert_many(self.session, StagedPerson, staged)

    def link_managers(self) -> None:
        """Set the managers of new people that were read later or were already here."""
        for batch in chunks(self._without_manager):
            keys = {key for _, key in batch}
            here = select(Person.dn_key, func.min(Person.id)).where(active())
            query = here.where(Person.dn_key.in_(keys)).group_by(Person.dn_key)
            ids = dict(self.session.execute(query).all())
            ids |= {key: self._ids_by_dn[key] for key in keys - ids.keys() & self._ids_by_dn.keys()}
            found = [{"of": of, "manager": ids[key]} for of, key in batch if key in ids]
            with self.lease.transaction():
                if found := [row for row in found if row["of"] != row["manager"]]:
                    self.session.execute(_SET_MANAGER, found)

    def store_digests(self) -> None:
        """Store new digests of unchanged people. Call this after the merge, as a refused run must
        not write anything."""
        for batch in chunks(self._new_digests):
            with self.lease.transaction():
                rows = [{"of": id, "was": was, "now": digest} for id, was, digest in batch]
                self.session.execute(_SET_DIGEST, rows)

    def _disabled(self, compared: Compared, staged: Rows, photos: Photos) -> None:
        pass

    def _unchanged(self, compared: Compared, staged: Rows, photos: Photos) -> None:
        self.report.unchanged += 1
        row = compared.known
        if compared.digest and compared.digest != row.entry_digest:
            self._new_digests.append((row.id, row.fingerprint, compared.digest))
        # People without the login name of the directory may get it now.
        if row.handle is None or "~" in row.handle:
            self._request_handle(row, self.comparison.record(compared))

    def _joined(self, compared: Compared, staged: Rows, photos: Photos) -> None:
        record, person_id = self.comparison.record(compared), next(self._new_ids)
        self.report.joined.append(person_id)
        row = self._row(person_id, compared, record, photos)
        row["handle"], row["manager_id"] = record.handle, self._manager(record, person_id)
        staged.append(row)

    def _manager(self, record: Record, person_id: int) -> int | None:
        """The manager, if the first run has read them before; `link_managers` sets the others."""
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
        self._request_handle(row, record)
        staged.append(self._row(row.id, compared, record, photos))

    _returned = _changed

    def _request_handle(self, row: KnownPerson, record: Record) -> None:
        if row.handle != record.handle:
            self.wanted[row.id] = record.handle

    def _row(
        self, person_id: int, compared: Compared, record: Record, photos: Photos
    ) -> dict[str, Any]:
        row = columns_of(compared, record, photos, self.since)
        for problem in row["problems"]:
            self.report.add_problem(record.handle, problem, record.directory_id)
        row["person_id"], row["run_id"] = person_id, self.run_id
        row["directory_id"], row["is_new"] = record.directory_id, compared.row is None
        row["handle"] = row["manager_id"] = None
        return row

    def _keep_joined_at(self, staged: Rows) -> None:
        """Keep the stored joining date of people without one in the directory."""
        undated = [row["person_id"] for row in staged if row["joined_at"] is None]
        query = select(Person.id, Person.joined_at).where(Person.id.in_(undated))
        joined_at = dict(self.session.execute(query).all()) if undated else {}
        for row in staged:
            row["joined_at"] = row["joined_at"] or joined_at[row["person_id"]]

    def _name(self, joiners: Rows) -> None:
        """Stage the login names of new people, except those that somebody has."""
        if not self.comparison.is_first:
            names = [joiner["handle"] for joiner in joiners]
            query = select(Person.handle).where(Person.handle.in_(names))
            self._handles.update(name for name in self.session.scalars(query) if name)
        for joiner in joiners:
            if (name := joiner["handle"]) in self._handles:
                self.wanted[joiner["person_id"]] = name
                joiner["handle"] = None
            self._handles.add(name)


def empty_stage(session: Session, lease: LeaseHandle) -> None:
    """Update the index of words for merged people, in small transactions; then delete all staged
    rows. Rows of a run that was killed before its merge are only deleted."""
    staged = table_of(StagedPerson)
    names = ("person_id", "handle", *NEEDED_FOR_WORDS)
    columns = [Person.handle if name == "handle" else staged.c[name] for name in names]
    query = select(*columns).join(Person, Person.id == staged.c.person_id)
    query = query.where(staged.c.run_id <= select(SyncState.run_id).scalar_subquery())
    query, last = query.order_by(staged.c.person_id).limit(INDEX_BATCH), 0
    while rows := session.execute(query.where(staged.c.person_id > last)).all():
        words = [(row[0], *index_words(dict(zip(names, row, strict=True)))) for row in rows]
        last = rows[-1][0]
        with lease.transaction():
            index.write(session, words)
    if session.scalar(select(staged.c.person_id).limit(1)) is not None:
        with lease.transaction():
            # Without WHERE, which is fast on SQLite.
            session.execute(delete(staged))


def _new_ids(session: Session, lease: LeaseHandle) -> Iterator[int]:
    """Reserved ids for new people."""
    is_postgresql = session.get_bind().dialect.name == "postgresql"
    count = BATCH
    while True:
        yield from (_from_sequence if is_postgresql else _from_counter)(session, lease, count)
        count *= 2


def _from_sequence(session: Session, lease: LeaseHandle, count: int) -> Sequence[int]:
    sequence = func.pg_get_serial_sequence("people_person", "id")
    query = select(func.nextval(sequence)).select_from(func.generate_series(1, count))
    return session.scalars(query).all()


def _from_counter(session: Session, lease: LeaseHandle, count: int) -> Sequence[int]:
    """Advance SQLite's own counter (https://sqlite.org/autoinc.html)."""
    counter = table("sqlite_sequence", column("seq", Integer), column("name"))
    ours = counter.c.name == "people_person"
    with lease.transaction():
        last = session.scalar(select(counter.c.seq).where(ours))
        if last is None:
            session.execute(insert(counter).values(name="people_person", seq=0))
        session.execute(update(counter).where(ours).values(seq=counter.c.seq + count))
    return range((last or 0) + 1, (last or 0) + count + 1)
