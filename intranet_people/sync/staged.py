"""What a run is going to write, and the photos that it found."""

from __future__ import annotations

from sqlalchemy import (
    ColumnElement,
    LargeBinary,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column

from ..db.base import Base
from ..db.types import StoredProblem
from ..people.person import DirectoryColumns, Person
from ..problems import Problem


class StagedPerson(DirectoryColumns, Base):
    """The new columns of a person, which the last step of a run applies all at once."""

    __tablename__ = "people_staged_person"

    person_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


def is_staged() -> ColumnElement[bool]:
    """Join condition of a person and their staged change, from the few changes to the people."""
    # Without the first half SQLite goes through all people.
    return Person.id.in_(select(StagedPerson.person_id)) & (Person.id == StagedPerson.person_id)


class PhotoSource(Base):
    """A photo as the directory holds it."""

    __tablename__ = "people_photo_source"

    digest: Mapped[str] = mapped_column(primary_key=True)
    data: Mapped[bytes | None] = mapped_column(LargeBinary)
    """None once the sizes are made, or it was found to be broken."""
    run_id: Mapped[int] = mapped_column(default=0)
    """The last run that relies on it. Until that run ends, it may be nobody's."""
    problem: Mapped[Problem | None] = mapped_column(StoredProblem)
