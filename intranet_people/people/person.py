"""A person, as stored: the values of the directory, under the immutable id."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

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
    tuple_,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from ..clock import now
from ..db.base import Base, index_where
from ..db.types import CodePointString, JSONCollection, StoredProblems, UTCDateTime
from ..problems import Problem
from ..text import by_script, initials_of, letter_of
from .login_name import is_handle

NEW_FOR = timedelta(days=14)


class SyncState(Base):
    """The state after the last merge: one row, written in the same transaction."""

    __tablename__ = "people_sync_state"

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int]
    """The last run that was merged. Rows that a later run has staged are not merged yet."""
    checkpoint: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    """Where the next read of changes starts; None if a full read is needed."""
    mapping: Mapped[str] = mapped_column(default="")
    """Digest of the settings of that run; when it changes, a full run is needed."""
    full_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class DirectoryColumns:
    """Columns with the values of the directory, shared by people and staged people."""

    name: Mapped[str]
    given_name: Mapped[str] = mapped_column(default="")
    surname: Mapped[str] = mapped_column(default="")
    sort_key: Mapped[str] = mapped_column(CodePointString)
    title: Mapped[str] = mapped_column(default="")
    team: Mapped[str] = mapped_column(default="")
    teams: Mapped[list[str]] = mapped_column(JSONCollection(list), nullable=True)
    """If teams are groups: the groups that they are in, the nearest first."""
    office: Mapped[str] = mapped_column(default="")
    city: Mapped[str] = mapped_column(default="")
    mail: Mapped[str] = mapped_column(default="")
    phones: Mapped[list[str]] = mapped_column(JSONCollection(list), nullable=True)
    mobiles: Mapped[list[str]] = mapped_column(JSONCollection(list), nullable=True)
    extra: Mapped[dict[str, list[str]]] = mapped_column(JSONCollection(dict), nullable=True)
    """The company's own fields, by their label on the profile."""
    time_zone: Mapped[str] = mapped_column(default="")
    dn_key: Mapped[int] = mapped_column(BigInteger)
    manager_key: Mapped[int | None] = mapped_column(BigInteger)
    """The `dn_key` of the manager, from which `manager_id` is found."""
    photo_offered: Mapped[str | None]
    """SHA-256 of the photo in the directory."""
    joined_at: Mapped[datetime] = mapped_column(UTCDateTime)
    problems: Mapped[list[Problem]] = mapped_column(StoredProblems, nullable=True)
    """Problems of the entry."""
    fingerprint: Mapped[str]
    """Of all mapped values; a sync compares it instead of each column."""
    entry_digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Of all bytes of the entry: if it is the same, the sync does not decode the entry.
    None if the row depends on more than the entry, such as groups or the current time."""


DIRECTORY_COLUMNS = tuple(DirectoryColumns.__annotations__)


class Named(Protocol):
    """What the words about a person are made of."""

    @property
    def name(self) -> str: ...
    @property
    def given_name(self) -> str: ...
    @property
    def surname(self) -> str: ...
    @property
    def sort_key(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def team(self) -> str: ...
    @property
    def city(self) -> str: ...


class Described:
    """The words about a person that every page shows."""

    __slots__ = ()

    @property
    def initials(self: Named) -> str:
        """One or two letters, from the given name and surname, or else from the name."""
        if self.given_name and self.surname:
            return f"{self.given_name[0]}{self.surname[0]}".upper()
        return initials_of(self.name)

    @property
    def name_parts(self: Named) -> tuple[str, str]:
        """The name as it is shown: its Latin part, and softer beside it the one in another script.
        "" for the second if the name is in one script."""
        return by_script(self.name)

    @property
    def letter(self: Named) -> str:
        """Under which they stand in the list from A to Z."""
        return letter_of(self.sort_key)

    @property
    def summary(self: Named) -> str:
        """One line: the title or team, and the city."""
        return ", ".join(p for p in (self.title or self.team, self.city) if p)


class Person(Described, DirectoryColumns, Base):
    """One person. `handle` is None if they left and somebody else has their login name now."""

    __tablename__ = "people_person"

    id: Mapped[int] = mapped_column(primary_key=True)
    directory_id: Mapped[str] = mapped_column(unique=True)
    handle: Mapped[str | None] = mapped_column(unique=True)
    manager_id: Mapped[int | None]
    """Not a foreign key, as thousands of people are inserted at once, in any order."""
    photo_digest: Mapped[str | None]
    """SHA-256 of the photo that is shown, the last readable one; its sizes are in `photos`."""
    left_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    is_hidden: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Hidden by the directory: shown to nobody, but they can sign in and see others."""
    hidden_provisionally: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Hidden only because the directory could not say who is hidden when they joined. The next run
    that knows shows them, without the guard."""

    read_alone_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When they were read alone, because they signed in. A sync that was reading then may not have
    seen them, and must not mark them as left."""

    __table_args__ = (
        Index(None, "manager_id", "sort_key", "id"),
        # Not (left_at, ...): PostgreSQL would sort everybody whose left_at is NULL.
        index_where("left_at IS NULL", "sort_key", "id", "is_hidden"),
        index_where("left_at IS NULL", "joined_at"),
        index_where("left_at IS NOT NULL", "left_at"),
        Index(None, "mail"),
        Index(None, "dn_key"),
        Index(None, "id", sqlite_where=text("is_hidden = 1"), postgresql_where=text("is_hidden")),
        # Partial indexes, as few people have these.
        index_where("photo_offered IS NOT NULL", "photo_offered", "photo_digest"),
        index_where("photo_digest IS NOT NULL", "photo_digest", "photo_offered"),
        index_where("problems IS NOT NULL", "sort_key", "id"),
        index_where("manager_id IS NULL AND manager_key IS NOT NULL", "manager_key"),
        # The id of an erased person is never used again.
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


def active(person: type[Person] = Person) -> ColumnElement[bool]:
    """A condition: they have not left."""
    return person.left_at.is_(None)


def named_for_operators(person: type[Person] = Person) -> ColumnElement[str]:
    """How operators read of a person: the login name, and for hidden people the directory's id."""
    name = func.coalesce(person.handle, person.directory_id)
    return case((person.is_hidden, person.directory_id), else_=name)


def in_order_for_operators() -> Sequence[Any]:
    """By name; hidden people at the end, so that their place does not reveal their name."""
    name = case((Person.is_hidden, ""), else_=Person.sort_key)
    return Person.is_hidden, name, Person.id


def behind(after: tuple[str, int] | None) -> ColumnElement[bool]:
    """A condition: people after `after` (sort_key, id) in the order of names; everybody if None."""
    if after is None:
        return true()
    # Row values are a range of an index; `key > k OR key = k AND id > n` reads from the start.
    return tuple_(Person.sort_key, Person.id) > after


def by_handle(session: Session, handle: str) -> Person | None:
    """The person with that login name, in any case, even if they have left."""
    if not is_handle(handle):
        return None
    return session.scalar(select(Person).where(Person.handle == handle.lower()))


def is_mail_of_several(session: Session, mail: str) -> bool:
    """Whether more than one active person has that address."""
    query = select(Person.id).where(Person.mail == mail.lower(), active(), Person.mail != "")
    return len(session.scalars(query.limit(2)).all()) > 1


def is_name_of_several(session: Session, handle: str) -> bool:
    """Whether another active person has the same login name in the directory, and NAME~2 here."""
    numbered = f"{handle.lower()}~"
    others = select(Person.handle).where(Person.handle.startswith(numbered, autoescape=True))
    return any(
        (h or "")[len(numbered) :].isdigit() for h in session.scalars(others.where(active()))
    )
