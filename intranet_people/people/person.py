"""A person, as kept: what the directory says of them, under their immutable id."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    Index,
    LargeBinary,
    case,
    false,
    func,
    select,
    text,
    true,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from ..clock import now
from ..db.base import Base, index_where
from ..db.types import CodePointString, JSONCollection, StoredProblems, UTCDateTime
from ..problems import Problem
from .login_name import is_handle

NEW_FOR = timedelta(days=14)


class SyncState(Base):
    """Where the last run that wrote anything came to: one row, written with what it wrote."""

    __tablename__ = "people_sync_state"

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int]
    """What a later run has staged is not yet true."""
    checkpoint: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    """From where the directory can tell what changed; None: it has to be read in full."""
    mapping: Mapped[str] = mapped_column(default="")
    """Digest of the settings by which was read; another one needs a full run."""
    full_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class DirectoryColumns:
    """What the directory says of a person: columns of a person, and of what a run will change."""

    name: Mapped[str]
    given_name: Mapped[str] = mapped_column(default="")
    surname: Mapped[str] = mapped_column(default="")
    sort_key: Mapped[str] = mapped_column(CodePointString)
    title: Mapped[str] = mapped_column(default="")
    team: Mapped[str] = mapped_column(default="")
    teams: Mapped[list[str]] = mapped_column(JSONCollection(list), nullable=True)
    """Of groups, where teams are groups: those they are in, the nearest first."""
    office: Mapped[str] = mapped_column(default="")
    city: Mapped[str] = mapped_column(default="")
    mail: Mapped[str] = mapped_column(default="")
    phones: Mapped[list[str]] = mapped_column(JSONCollection(list), nullable=True)
    mobiles: Mapped[list[str]] = mapped_column(JSONCollection(list), nullable=True)
    extra: Mapped[dict[str, list[str]]] = mapped_column(JSONCollection(dict), nullable=True)
    """A company's own fields, by their label on the profile."""
    time_zone: Mapped[str] = mapped_column(default="")
    dn_key: Mapped[int] = mapped_column(BigInteger)
    manager_key: Mapped[int | None] = mapped_column(BigInteger)
    """That of the manager's DN, from which `manager_id` is found."""
    photo_offered: Mapped[str | None]
    """SHA-256 of the photo that the directory holds now."""
    joined_at: Mapped[datetime] = mapped_column(UTCDateTime)
    problems: Mapped[list[Problem]] = mapped_column(StoredProblems, nullable=True)
    """What was wrong with the entry."""
    fingerprint: Mapped[str]
    """Of all that the directory said; a sync compares it instead of every column."""
    entry_digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Of all its bytes: an entry that comes with the same again is not looked into.
    None where it is not the entry alone that says who they are, and for how long."""


DIRECTORY_COLUMNS = tuple(DirectoryColumns.__annotations__)


class Person(DirectoryColumns, Base):
    """One person. `handle` is None where a leaver's login name was given to somebody else."""

    __tablename__ = "people_person"

    id: Mapped[int] = mapped_column(primary_key=True)
    directory_id: Mapped[str] = mapped_column(unique=True)
    handle: Mapped[str | None] = mapped_column(unique=True)
    manager_id: Mapped[int | None] = mapped_column(index=True)
    """No foreign key: a thousand people join at once, in any order."""
    photo_digest: Mapped[str | None]
    """Of the photo that is shown: the last good one; its sizes are in `photos`."""
    left_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    is_hidden: Mapped[bool] = mapped_column(default=False, server_default=false())
    """The directory hides them: shown to nobody, though they can sign in and see others."""
    hidden_provisionally: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Hidden only because the directory could not be asked when they came: the next run that can
    ask shows them, and no guard stops it."""

    read_alone_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When they were read alone, as they signed in: a sync that reads since then may not have met
    them, and does not take them for somebody who left."""

    __table_args__ = (
        Index(None, "left_at", "sort_key", "id"),
        Index(None, "left_at", "joined_at"),
        Index(None, "mail"),
        Index(None, "dn_key"),
        Index(None, "id", sqlite_where=text("is_hidden = 1"), postgresql_where=text("is_hidden")),
        # Few have these: the others are left out.
        index_where("photo_offered IS NOT NULL", "photo_offered", "photo_digest"),
        index_where("photo_digest IS NOT NULL", "photo_digest", "photo_offered"),
        index_where("problems IS NOT NULL", "sort_key", "id"),
        index_where("manager_id IS NULL AND manager_key IS NOT NULL", "manager_key"),
        # Nobody ever inherits the number of somebody who was erased.
        {"sqlite_autoincrement": True},
    )

    def __repr__(self) -> str:
        return f"<Person {self.handle or self.directory_id}>"

    @property
    def is_active(self) -> bool:
        return self.left_at is None

    @property
    def is_new(self) -> bool:
        return self.joined_at > now() - NEW_FOR

    @property
    def initials(self) -> str:
        """One or two letters: of the given and last name, else of the name as shown."""
        names = [self.given_name, self.surname] if self.given_name and self.surname else None
        names = names or self.name.split()[:1] + self.name.split()[1:][-1:]
        return "".join(n[0] for n in names if n).upper() or "?"

    @property
    def summary(self) -> str:
        """What to say of them in one line: the title and where."""
        return ", ".join(p for p in (self.title or self.team, self.city) if p)


def active(person: type[Person] = Person) -> ColumnElement[bool]:
    """Here now."""
    return person.left_at.is_(None)


def named_for_operators(person: type[Person] = Person) -> ColumnElement[str]:
    """What those who run the sync are told instead of a name: the login name, and of somebody who
    is hidden the directory's id."""
    name = func.coalesce(person.handle, person.directory_id)
    return case((person.is_hidden, person.directory_id), else_=name)


def in_order_for_operators() -> Sequence[Any]:
    """By name; those who are hidden at the end, where their place tells nothing."""
    name = case((Person.is_hidden, ""), else_=Person.sort_key)
    return Person.is_hidden, name, Person.id


def behind(after: tuple[str, int] | None) -> ColumnElement[bool]:
    """Those who come after `after` (sort_key, id) in the order of names; everybody for None."""
    if after is None:
        return true()
    key, person_id = after
    return (Person.sort_key > key) | ((Person.sort_key == key) & (Person.id > person_id))


def by_handle(session: Session, handle: str) -> Person | None:
    """The person with that login name, in any case, also where they have left."""
    if not is_handle(handle):
        return None
    return session.scalar(select(Person).where(Person.handle == handle.lower()))


def is_mail_of_several(session: Session, mail: str) -> bool:
    """Whether more than one of those who are here has that address."""
    query = select(Person.id).where(Person.mail == mail.lower(), active(), Person.mail != "")
    return len(session.scalars(query.limit(2)).all()) > 1


def is_name_of_several(session: Session, handle: str) -> bool:
    """Whether somebody else here has that login name in the directory, and so one with a number."""
    numbered = f"{handle.lower()}~"
    others = select(Person.handle).where(Person.handle.startswith(numbered, autoescape=True))
    return any(
        (h or "")[len(numbered) :].isdigit() for h in session.scalars(others.where(active()))
    )
