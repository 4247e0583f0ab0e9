"""A person, as kept: what the directory says of them, under their immutable id."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlalchemy import (
    JSON,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Table,
    TypeDecorator,
    select,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

NEW_FOR = timedelta(days=14)
# Sorts by code point on PostgreSQL as on SQLite, so that a prefix is a range of an index.
Folded = String().with_variant(String(collation="C"), "postgresql")


class Base(DeclarativeBase):
    """Our own metadata: nothing of it mixes with a host's."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UTCDateTime(TypeDecorator[datetime]):
    """An aware time in UTC; SQLite, which keeps no zone, gets it back when read."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        return value.replace(tzinfo=UTC) if value and not value.tzinfo else value


def table_of(entity: type[Base]) -> Table:
    return cast(Table, entity.__table__)


def now() -> datetime:
    return datetime.now(UTC)


class Person(Base):
    """One person. `handle` is None where a leaver's login name was given to somebody else."""

    __tablename__ = "people_person"

    id: Mapped[int] = mapped_column(primary_key=True)
    directory_id: Mapped[str] = mapped_column(unique=True)
    handle: Mapped[str | None] = mapped_column(unique=True)
    name: Mapped[str]
    given_name: Mapped[str] = mapped_column(default="")
    surname: Mapped[str] = mapped_column(default="")
    sort_key: Mapped[str] = mapped_column(Folded)
    title: Mapped[str] = mapped_column(default="")
    team: Mapped[str] = mapped_column(default="")
    office: Mapped[str] = mapped_column(default="")
    city: Mapped[str] = mapped_column(default="")
    mail: Mapped[str] = mapped_column(default="", index=True)
    phones: Mapped[list[str]] = mapped_column(JSON, default=list)
    mobiles: Mapped[list[str]] = mapped_column(JSON, default=list)
    time_zone: Mapped[str] = mapped_column(default="")
    manager_id: Mapped[int | None] = mapped_column(
        ForeignKey("people_person.id", ondelete="SET NULL"), index=True
    )
    photo_digest: Mapped[str | None]
    """SHA-256 of the photo as it came from the directory; its sizes are in `photos`."""
    joined_at: Mapped[datetime] = mapped_column(UTCDateTime)
    left_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    fingerprint: Mapped[str]
    """Of all that the directory said; a sync compares it instead of every column."""

    __table_args__ = (
        Index(None, "left_at", "sort_key", "id"),
        Index(None, "left_at", "joined_at"),
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
    def place(self) -> str:
        """What to say of them in one line: the title and where."""
        return ", ".join(p for p in (self.title or self.team, self.city) if p)


class Word(Base):
    """A folded word by which a person is found; the less the weight, the nearer to the name."""

    __tablename__ = "people_word"

    weight: Mapped[int] = mapped_column(primary_key=True)
    word: Mapped[str] = mapped_column(Folded, primary_key=True)
    person_id: Mapped[int] = mapped_column(
        ForeignKey(Person.id, ondelete="CASCADE"), primary_key=True
    )

    # The other words of a search are looked up by person.
    __table_args__ = (Index(None, "person_id", "word"),)


class PhotoSource(Base):
    """A photo as the directory holds it, until it is made into the sizes that are served."""

    __tablename__ = "people_photo_source"

    digest: Mapped[str] = mapped_column(primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class SyncRun(Base):
    """One run of the sync: when, how it ended, what changed, what was doubtful."""

    __tablename__ = "people_sync_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    started_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    status: Mapped[str] = mapped_column(default="running")
    """running, done, incomplete, refused or failed."""
    message: Mapped[str] = mapped_column(default="")
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    problems: Mapped[list[list[str]]] = mapped_column(JSON, default=list)
    """Pairs of who (a handle or DN) and what was wrong."""


class Lease(Base):
    """Held by the one sync that runs; it expires, so that a killed one blocks nobody for long."""

    __tablename__ = "people_lease"

    name: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)


def by_handle(session: Session, handle: str) -> Person | None:
    """The person with that login name, in any case, also where they have left."""
    if "\0" in handle:
        return None  # which PostgreSQL does not take even as a question
    return session.scalar(select(Person).where(Person.handle == handle.lower()))


def by_ids(session: Session, ids: Iterable[int]) -> dict[int, Person]:
    people = session.scalars(select(Person).where(Person.id.in_(set(ids))))
    return {p.id: p for p in people}


def reports_of(session: Session, person: Person) -> Sequence[Person]:
    query = select(Person).where(Person.manager_id == person.id, Person.left_at.is_(None))
    return session.scalars(query.order_by(Person.sort_key, Person.id).limit(100)).all()


def newest(session: Session, limit: int) -> Sequence[Person]:
    """Those who joined within the last fortnight, the newest first."""
    query = select(Person).where(Person.left_at.is_(None), Person.joined_at > now() - NEW_FOR)
    return session.scalars(query.order_by(Person.joined_at.desc()).limit(limit)).all()


def page_of(session: Session, after: tuple[str, int] | None, limit: int) -> Sequence[Person]:
    """The active people in order of their names, those behind `after` (sort_key, id)."""
    query = select(Person).where(Person.left_at.is_(None))
    if after:
        key, person_id = after
        query = query.where(
            (Person.sort_key > key) | ((Person.sort_key == key) & (Person.id > person_id))
        )
    return session.scalars(query.order_by(Person.sort_key, Person.id).limit(limit)).all()
