"""Guest lists, each stored once: an all-hands in 5,000 calendars is 5,000 meetings with one list.

The calendar of the owner decides which list a meeting has.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection

from sqlalchemy import ForeignKey, delete, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ..db.base import Base, table_of
from ..db.rows import chunks
from ..people.person import Person

Invitee = tuple[int | None, str]
"""The id of a person, None for a guest from outside; and the name in the calendar."""
Invitees = tuple[Invitee, ...]


class GuestList(Base):
    """The guests of one or more meetings."""

    __tablename__ = "people_guest_list"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(unique=True)
    """SHA-256 of the ordered guests; a list that was changed later has a value that none has."""
    size: Mapped[int]

    # Never reuse the id of a deleted list, which a meeting may still have.
    __table_args__ = ({"sqlite_autoincrement": True},)


class Guest(Base):
    """One guest of a list: a known person, or somebody from outside with a name only."""

    __tablename__ = "people_guest"

    list_id: Mapped[int] = mapped_column(
        ForeignKey(GuestList.id, ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int | None] = mapped_column(
        ForeignKey(Person.id, ondelete="SET NULL"), index=True
    )
    name: Mapped[str] = mapped_column(default="")


def store_lists(session: Session, wanted: Collection[Invitees]) -> dict[Invitees, int]:
    """Create the missing lists; returns the ids of all. Only call this with the lease "calendars",
    so that nobody else creates or deletes lists meanwhile."""
    by_digest = {_digest(invitees): invitees for invitees in wanted}
    ids = dict[str, int]()
    for digests in chunks(sorted(by_digest)):
        known = select(GuestList.digest, GuestList.id).where(GuestList.digest.in_(digests))
        ids |= dict(session.execute(known).all())
    for digest in by_digest.keys() - ids.keys():
        ids[digest] = _insert(session, digest, by_digest[digest])
    return {invitees: ids[digest] for digest, invitees in by_digest.items()}


def _insert(session: Session, digest: str, invitees: Invitees) -> int:
    values = {"digest": digest, "size": len(invitees)}
    made = insert(GuestList).values(**values).returning(GuestList.id)
    list_id = session.scalars(made).one()
    guests = [
        {"list_id": list_id, "position": n, "person_id": id, "name": name}
        for n, (id, name) in enumerate(invitees)
    ]
    if guests:
        session.execute(insert(table_of(Guest)), guests)
    return list_id


def delete_lists(session: Session, ids: Collection[int]) -> None:
    """Delete lists that no meeting uses, with their guests."""
    for list_ids in chunks(sorted(ids)):
        # A host's SQLite may not enforce foreign keys.
        session.execute(delete(Guest).where(Guest.list_id.in_(list_ids)))
        session.execute(delete(GuestList).where(GuestList.id.in_(list_ids)))


def _digest(invitees: Invitees) -> str:
    return hashlib.sha256(repr(invitees).encode("utf-8", "surrogatepass")).hexdigest()
