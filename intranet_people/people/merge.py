"""Records into rows, within the transaction of the run: what came, changed and went."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Protocol

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from ..ldap.schemas import Record
from .person import Person, PhotoSource, Word, now, table_of
from .report import Report
from .search import index_words, sort_key

OF_DIRECTORY = ("name", "given_name", "surname", "title", "team", "office", "city", "mail")


class PhotoCheck(Protocol):
    """Says what is wrong with a photo, or None where it can be shown."""

    def __call__(self, data: bytes) -> str | None: ...


@dataclass(frozen=True)
class Known:
    """What a run has to know of a row: no more, as there are very many."""

    id: int
    handle: str | None
    fingerprint: str
    photo_digest: str | None
    active: bool


def known_people(session: Session) -> dict[str, Known]:
    """Every row by its immutable id."""
    columns = (
        Person.directory_id,
        Person.id,
        Person.handle,
        Person.fingerprint,
        Person.photo_digest,
        Person.left_at,
    )
    return {
        row[0]: Known(row[1], row[2], row[3], row[4], row[5] is None)
        for row in session.execute(select(*columns))
    }


def mark_left(session: Session, gone: Sequence[Known], report: Report) -> None:
    """Those who are `gone` keep their rows, and are found no more."""
    report.left = [k.id for k in gone]
    for ids in _chunks(report.left):
        session.execute(update(Person).where(Person.id.in_(ids)).values(left_at=now()))
        session.execute(delete(Word).where(Word.person_id.in_(ids)))


@dataclass(frozen=True)
class Change:
    """One row to insert, or to update where there is a `row`, and the words that find it."""

    directory_id: str
    row: Known | None
    values: dict[str, Any]
    words: dict[str, int]


@dataclass(frozen=True)
class Plan:
    """All that a run will write; `freed` are those whose login name goes to somebody else."""

    changes: list[Change]
    photos: dict[str, bytes]
    freed: list[int]


def plan(
    records: dict[str, Record],
    known: dict[str, Known],
    report: Report,
    check_photo: PhotoCheck,
    step: Callable[[], None] = lambda: None,
) -> Plan:
    """What differs, and only that. Writes nothing: whatever is slow is done here."""
    handles = _handles(records, known, report)
    photos = _Photos(check_photo, report)
    changes = []
    for directory_id, record in records.items():
        step()
        row, handle = known.get(directory_id), handles[directory_id]
        fingerprint, photo = _fingerprint(record), photos.digest(record, row)
        if row == Known(row.id if row else 0, handle, fingerprint, photo, active=True):
            report.unchanged += 1
        else:
            values = _values(record, handle, fingerprint, photo, is_new=row is None)
            changes.append(Change(directory_id, row, values, index_words(values)))
    return Plan(changes, photos.new, _freed(records, known, handles))


def write(session: Session, records: dict[str, Record], planned: Plan, report: Report) -> None:
    """Insert and update as planned."""
    _store_photos(session, planned.photos)
    _upsert(session, planned)
    ids = dict(session.execute(select(Person.directory_id, Person.id)).all())
    for change in planned.changes:
        is_back = change.row and not change.row.active
        kind = report.returned if is_back else report.changed if change.row else report.joined
        kind.append(ids[change.directory_id])
    _index(session, [(ids[c.directory_id], c.words) for c in planned.changes])
    _set_managers(session, records, ids, report)
    _forget_unused_photos(session)


def _handles(records: dict[str, Record], known: dict[str, Known], report: Report) -> dict[str, str]:
    """A login name for each, unique in lower case; who has it already keeps it.

    First all that the directory says, and only then those that are invented: so that no
    invented one is what the directory says of somebody else.
    """
    # Of those whom an incomplete read did not bring, nothing is known to have changed.
    unread = known.items() if report.incomplete else ()
    taken = {k.handle: d for d, k in unread if k.active and k.handle and d not in records}

    def has(r: Record) -> str:
        return (r.directory_id in known and known[r.directory_id].handle) or ""

    doubles = []
    for r in sorted(records.values(), key=lambda r: has(r) == r.handle, reverse=True):
        if taken.setdefault(r.handle, r.directory_id) != r.directory_id:
            doubles.append(r)
    for r in sorted(doubles, key=lambda r: has(r).startswith(f"{r.handle}~"), reverse=True):
        handle = _invented(r.handle, has(r), taken)
        report.problems.append((r.dn, f"has the login name of another; is {handle} here"))
        taken[handle] = r.directory_id
    return {d: handle for handle, d in taken.items()}


def _invented(handle: str, last: str, taken: Collection[str]) -> str:
    """As `last` time where that can be; else the first that is free."""
    if re.fullmatch(rf"{re.escape(handle)}~\d+", last) and last not in taken:
        return last
    return next(h for n in count(2) if (h := f"{handle}~{n}") not in taken)


def _freed(
    records: dict[str, Record], known: dict[str, Known], handles: dict[str, str]
) -> list[int]:
    """Those who lose or change their login name: it must be free before it is taken."""
    taken = set(handles.values())
    return [k.id for d, k in known.items() if k.handle in taken and handles.get(d) != k.handle]


class _Photos:
    """Photos that differ from the one we have, each looked at once and kept under its digest."""

    def __init__(self, check: PhotoCheck, report: Report) -> None:
        self.check, self.report = check, report
        self.new: dict[str, bytes] = {}

    def digest(self, record: Record, row: Known | None) -> str | None:
        """The digest to keep for `record`: that of its photo, or of the last good one."""
        if not record.photo:
            return None
        digest = hashlib.sha256(record.photo).hexdigest()
        if (row and row.photo_digest == digest) or digest in self.new:
            return digest
        if wrong := self.check(record.photo):
            last = row.photo_digest if row else None
            outcome = "the last good one stays" if last else "left out"
            self.report.problems.append((record.handle, f"photo {wrong}; {outcome}"))
            return last
        self.new[digest] = record.photo
        return digest


def _fingerprint(record: Record) -> str:
    one = [getattr(record, name) for name in (*OF_DIRECTORY, "handle", "time_zone", "joined")]
    # Several values in another order are the same values; who manages is compared on its own.
    several = sorted(record.phones), sorted(record.mobiles)
    return hashlib.sha256(repr((one, several)).encode()).hexdigest()


def _values(
    record: Record, handle: str, fingerprint: str, photo: str | None, *, is_new: bool
) -> dict[str, Any]:
    values = {
        **{name: getattr(record, name) for name in OF_DIRECTORY},
        "handle": handle,
        "sort_key": sort_key(record.name),
        "phones": list(record.phones),
        "mobiles": list(record.mobiles),
        "time_zone": record.time_zone,
        "fingerprint": fingerprint,
        "photo_digest": photo,
        "left_at": None,
    }
    if record.joined or is_new:
        values["joined_at"] = record.joined or now()
    return values


def _store_photos(session: Session, photos: dict[str, bytes]) -> None:
    for digests in _chunks(list(photos)):
        kept = session.scalars(select(PhotoSource.digest).where(PhotoSource.digest.in_(digests)))
        rows = [{"digest": d, "data": photos[d]} for d in set(digests) - set(kept)]
        if rows:
            session.execute(insert(PhotoSource), rows)


def _upsert(session: Session, planned: Plan) -> None:
    for ids in _chunks(planned.freed):
        session.execute(update(Person).where(Person.id.in_(ids)).values(handle=None))
    changes = planned.changes
    if new := [{"directory_id": c.directory_id, **c.values} for c in changes if c.row is None]:
        # The table, not the class: the ORM would split the rows by which of them have a photo.
        session.execute(insert(table_of(Person)), new)
    if changed := [{"id": c.row.id, **c.values} for c in changes if c.row]:
        session.execute(update(Person), changed)


def _index(session: Session, changes: list[tuple[int, dict[str, int]]]) -> None:
    for chunk in _chunks(changes):
        session.execute(delete(Word).where(Word.person_id.in_([id for id, _ in chunk])))
        rows = [
            {"person_id": id, "word": word, "weight": weight}
            for id, words in chunk
            for word, weight in words.items()
        ]
        if rows:
            session.execute(insert(table_of(Word)), rows)


def _set_managers(
    session: Session, records: dict[str, Record], ids: dict[str, int], report: Report
) -> None:
    by_dn = {r.dn: ids[d] for d, r in records.items()}
    has = dict(session.execute(select(Person.id, Person.manager_id)).all())
    changed = []
    for directory_id, record in records.items():
        person_id, manager_id = ids[directory_id], by_dn.get(record.manager_dn)
        if manager_id is None and record.manager_dn and report.incomplete:
            continue  # perhaps among those who were not read
        if manager_id == person_id:
            manager_id = None
        if has[person_id] != manager_id:
            changed.append({"id": person_id, "manager_id": manager_id})
    if changed:
        session.execute(update(Person), changed)


def _forget_unused_photos(session: Session) -> None:
    used = select(Person.photo_digest).where(Person.photo_digest.is_not(None))
    session.execute(delete(PhotoSource).where(PhotoSource.digest.not_in(used)))


def _chunks(items: list[Any], size: int = 500) -> Iterator[list[Any]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
