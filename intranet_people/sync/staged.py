"""What a run is going to write, and the photos that it found."""

from __future__ import annotations

from sqlalchemy import ColumnElement, LargeBinary, false, select
from sqlalchemy.orm import Mapped, mapped_column

from ..db.base import Base
from ..db.types import StoredProblem
from ..people.person import DirectoryColumns, Person
from ..problems import Problem


class StagedPerson(DirectoryColumns, Base):
    """Somebody who joins, or the new columns of somebody: the merge applies them all at once.

    The row stays until the person is in the index of words, too.
    """

    __tablename__ = "people_staged_person"

    person_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    run_id: Mapped[int]
    """A run that `SyncState.run_id` has come to is merged; what another left behind is nothing."""
    directory_id: Mapped[str]
    handle: Mapped[str | None]
    """Of somebody who joins; None where somebody else has it. What changes is assigned later."""
    manager_id: Mapped[int | None]
    """Of somebody who joins."""
    is_new: Mapped[bool] = mapped_column(server_default=false())


def is_staged() -> ColumnElement[bool]:
    """Join condition of a person and their staged change, from the few changes to the people."""
    # Without the first half SQLite goes through all people.
    changes = select(StagedPerson.person_id).where(~StagedPerson.is_new)
    return Person.id.in_(changes) & (Person.id == StagedPerson.person_id)


class PhotoSource(Base):
    """A photo as the directory holds it."""

    __tablename__ = "people_photo_source"

    digest: Mapped[str] = mapped_column(primary_key=True)
    data: Mapped[bytes | None] = mapped_column(LargeBinary)
    """None once the sizes are made, or it was found to be broken."""
    run_id: Mapped[int] = mapped_column(default=0)
    """The last run that relies on it. Until that run ends, it may be nobody's."""
    problem: Mapped[Problem | None] = mapped_column(StoredProblem)
