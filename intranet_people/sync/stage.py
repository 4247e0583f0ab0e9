"""What a run is going to change, written beforehand in small steps that nobody sees yet.

So that the last step is brief whatever the size of the company, and other writers never wait for
long: what changes waits in a table of its own, a joiner becomes a row that has not yet arrived, and
the words of both are in the index, in rows that do not count yet.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, bindparam, column, delete, func, insert, select, table, update
from sqlalchemy.orm import Session

from ..db.base import table_of
from ..db.rows import chunks, insert_many
from ..images import sniff
from ..jobs.lease import LeaseHandle
from ..ldap.entry import Entry
from ..ldap.schemas import Record
from ..people import index
from ..people.index import index_words
from ..people.person import Person, SyncState
from ..problems import Problem
from ..text import sort_key
from .compare import BATCH, Compared, Comparison, Known
from .staged import PhotoSource, StagedPerson, is_staged

Rows = list[dict[str, Any]]
Photos = dict[str, bytes]
Words = tuple[int, str, str, str]
SPAN = 8000


_PERSON = table_of(Person)
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
        self._ids = _ids(session)
        self._joiners: list[dict[str, Any]] = []
        self._written_otherwise: Rows = []
        self._ids_by_dn = dict[int, int]()
        # Each written with what it is of, and never without.
        self._words_of_joiners: list[Words] = []
        self._words_of_changes: list[Words] = []

    def take(self, entries: Sequence[Entry]) -> None:
        """Stage one batch of at most BATCH entries."""
        changes: list[dict[str, Any]] = []
        photos: dict[str, bytes] = {}
        for compared in self.comparison.of(entries):
            getattr(self, f"_{compared.kind}")(compared, changes, photos)
        self._keep_when_they_joined(changes)
        self.session.commit()
        self.lease.renew_when_due()
        if photos:
            with self.lease.transaction():
                _store_photos(self.session, self.run_id, photos)
        if self._written_otherwise:
            with self.lease.transaction():
                self.session.execute(_NOTE_DIGEST, self._written_otherwise)
            self._written_otherwise.clear()
        if changes:
            with self.lease.transaction():
                insert_many(self.session, StagedPerson, changes)
                index.write(self.session, self._words_of_changes)
            self._words_of_changes.clear()
        if len(self._joiners) >= SPAN:
            self.end()

    def end(self) -> None:
        """Insert the waiting joiners, many at a time: each insert rewrites pages of every index."""
        if self._joiners:
            self._name()
            with self.lease.transaction():
                insert_many(self.session, Person, self._joiners)
                index.write(self.session, self._words_of_joiners)
            self._joiners.clear()
            self._words_of_joiners.clear()

    def _disabled(self, compared: Compared, changes: Rows, photos: Photos) -> None:
        pass

    def _unchanged(self, compared: Compared, changes: Rows, photos: Photos) -> None:
        self.report.unchanged += 1
        row = compared.known
        if compared.digest and compared.digest != row.entry_digest:
            again = {"of": row.id, "was": row.fingerprint, "now": compared.digest}
            self._written_otherwise.append(again)
        # Who has not the name that the directory gives them may get it now.
        if row.handle is None or "~" in row.handle:
            self._want(row, self.comparison.record(compared))

    def _joined(self, compared: Compared, changes: Rows, photos: Photos) -> None:
        record, person_id = self.comparison.record(compared), next(self._ids)
        self.report.joined.append(person_id)
        who = {"id": person_id, "directory_id": record.directory_id, "handle": record.handle}
        fresh = {"arrival": self.run_id, "photo_digest": None, "left_at": None}
        fresh |= {"is_hidden": False, "hidden_provisionally": False}
        facts = self._facts(compared, record, photos, index.first_row(person_id))
        self._joiners.append(who | fresh | facts | {"manager_id": self._manager(record, person_id)})
        self._words_of_joiners.append(_words(facts, record))

    def _manager(self, record: Record, person_id: int) -> int | None:
        """The manager, in a first run that read them before; else it is found later."""
        if not self.comparison.is_first:
            return None
        manager = self._ids_by_dn.get(record.manager_key) if record.manager_key else None
        self._ids_by_dn.setdefault(record.dn_key, person_id)
        return manager

    def _changed(self, compared: Compared, changes: Rows, photos: Photos) -> None:
        row, record = compared.known, self.comparison.record(compared)
        (self.report.returned if row.has_left else self.report.changed).append(row.id)
        self._want(row, record)
        facts = self._facts(compared, record, photos, index.other_row(row.index_row))
        changes.append({"person_id": row.id} | facts)
        self._words_of_changes.append(_words(facts, record))

    _returned = _changed

    def _want(self, row: Known, record: Record) -> None:
        if row.handle != record.handle:
            self.wanted[row.id] = record.handle

    def _facts(
        self, compared: Compared, record: Record, photos: Photos, index_row: int
    ) -> dict[str, Any]:
        row, problems = compared.row, list(record.problems)
        last_photo = row.photo_offered if row else None
        teams = compared.teams
        facts: dict[str, Any] = {
            "name": record.name,
            "given_name": record.given_name,
            "surname": record.surname,
            "title": record.title,
            "office": record.office,
            "city": record.city,
            "mail": record.mail,
            "sort_key": sort_key(record.name),
            "team": teams[0] if teams else record.team,
            "teams": teams,
            "phones": list(record.phones),
            "mobiles": list(record.mobiles),
            "extra": record.extra,
            "time_zone": record.time_zone,
            "dn_key": record.dn_key,
            "manager_key": record.manager_key,
            "photo_offered": self._photo(record, last_photo, photos, problems),
            "joined_at": record.joined or (None if row else self.since),
            "problems": problems,
            "fingerprint": compared.fingerprint,
            "entry_digest": compared.digest,
            "index_row": index_row,
        }
        for problem in problems:
            self.report.note(record.handle, problem, record.directory_id)
        return facts

    def _keep_when_they_joined(self, changes: Rows) -> None:
        """Keep the joining date of people of whom the directory does not say it."""
        unsaid = [change["person_id"] for change in changes if change["joined_at"] is None]
        query = select(Person.id, Person.joined_at).where(Person.id.in_(unsaid))
        known = dict(self.session.execute(query).all()) if unsaid else {}
        for change in changes:
            change["joined_at"] = change["joined_at"] or known[change["person_id"]]

    def _photo(
        self, record: Record, last: str | None, photos: Photos, problems: list[Problem]
    ) -> str | None:
        """The digest to offer: that of their photo, or the last one if this plainly is no photo."""
        if not record.photo:
            return None
        if wrong := sniff(record.photo):
            problems.append(Problem(wrong))
            return last
        digest = hashlib.sha256(record.photo).hexdigest()
        if digest != last:
            photos[digest] = record.photo
        return digest

    def _name(self) -> None:
        """Give joiners their login names at once, unless somebody has them."""
        taken = set[str | None]()
        for some in chunks([joiner["handle"] for joiner in self._joiners]):
            taken.update(self.session.scalars(select(Person.handle).where(Person.handle.in_(some))))
        for joiner in self._joiners:
            name = joiner["handle"]
            if name in taken:
                self.wanted[joiner["id"]] = name
                joiner["handle"] = None
            taken.add(name)


def _words(facts: dict[str, Any], record: Record) -> Words:
    return facts["index_row"], *index_words({**facts, "handle": record.handle})


def is_left_over(session: Session) -> bool:
    """Whether a killed run left something for `discard`."""
    came_to = select(SyncState.run_id).scalar_subquery()
    left = (
        select(StagedPerson.person_id).limit(1),
        select(Person.id).where(Person.arrival > came_to),
    )
    return any(session.scalar(query.limit(1)) is not None for query in left)


def discard(session: Session, lease: LeaseHandle) -> None:
    """Delete in steps what was staged and never merged."""
    came_to = select(SyncState.run_id).scalar_subquery()
    while True:
        query = select(Person.id).where(Person.arrival > came_to).limit(BATCH)
        ids = session.scalars(query).all()
        if not ids:
            break
        with lease.transaction():
            index.remove(session, [index.first_row(id) for id in ids])
            session.execute(delete(Person).where(Person.id.in_(ids)))
    clear_changes(session, lease)


def clear_changes(session: Session, lease: LeaseHandle) -> None:
    """Delete staged changes, and the index rows that are not in use."""
    while True:
        query = select(Person.id, Person.index_row).where(is_staged())
        rows = session.execute(query.limit(BATCH)).all()
        if not rows:
            break
        with lease.transaction():
            index.remove(session, [index.other_row(row) for _, row in rows])
            session.execute(
                delete(StagedPerson).where(StagedPerson.person_id.in_([id for id, _ in rows]))
            )
    if session.scalar(select(StagedPerson.person_id).limit(1)) is not None:
        with lease.transaction():
            session.execute(delete(StagedPerson))  # of nobody who is here


def _store_photos(session: Session, run_id: int, photos: dict[str, bytes]) -> None:
    # In one order, so that nobody waits for each other.
    for digests in chunks(sorted(photos)):
        theirs = PhotoSource.digest.in_(digests)
        # None of them is forgotten while we count on it.
        query = select(PhotoSource.digest).where(theirs).order_by(PhotoSource.digest)
        kept = set(session.scalars(query.with_for_update()))
        session.execute(update(PhotoSource).where(theirs).values(run_id=run_id))
        new = [digest for digest in digests if digest not in kept]
        rows = [{"digest": d, "data": photos[d], "run_id": run_id, "problem": None} for d in new]
        if rows:
            session.execute(insert(table_of(PhotoSource)), rows)


def _ids(session: Session) -> Iterator[int]:
    """Ids for new people, never used before. Only the run that holds the lease inserts people."""
    if session.get_bind().dialect.name == "postgresql":
        sequence = func.pg_get_serial_sequence("people_person", "id")
        while True:
            query = select(func.nextval(sequence)).select_from(func.generate_series(1, BATCH))
            yield from session.scalars(query).all()
    made = table("sqlite_sequence", column("seq", Integer), column("name"))
    last = session.scalar(select(made.c.seq).where(made.c.name == "people_person")) or 0
    while True:
        last += 1
        yield last
