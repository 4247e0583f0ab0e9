"""Who is invited: each guest list once, however many calendars have the meeting.

Which list a meeting has, its owner's calendar decides. An all-hands in five thousand calendars is
five thousand meetings with one list.
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
"""The id of a person, None for a guest from outside; and the name that the calendar gives them."""
Invitees = tuple[Invitee, ...]


class GuestList(Base):
    """The guests of one meeting, or of many."""

    __tablename__ = "people_guest_list"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(unique=True)
    """Of the guests in their order. A list that was changed later has that of none."""
    size: Mapped[int]

    # A meeting must not come upon another list under the number of one that is gone.
    __table_args__ = ({"sqlite_autoincrement": True},)


class Guest(Base):
    """One who is invited: a person we know by their mail address, or somebody by name alone."""

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
    """The ids of those lists, which are there then. To be called under the lease of the calendars:
    nobody else makes lists, or deletes them."""
    by_digest = {_digest(invitees): invitees for invitees in wanted}
    ids = dict[str, int]()
    for some in chunks(sorted(by_digest)):
        known = select(GuestList.digest, GuestList.id).where(GuestList.digest.in_(some))
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
    """Those lists, which no meeting has any more."""
    for some in chunks(sorted(ids)):
        # A host's SQLite may not enforce foreign keys.
        session.execute(delete(Guest).where(Guest.list_id.in_(some)))
        session.execute(delete(GuestList).where(GuestList.id.in_(some)))


def _digest(invitees: Invitees) -> str:
    return hashlib.sha256(repr(invitees).encode("utf-8", "surrogatepass")).hexdigest()
