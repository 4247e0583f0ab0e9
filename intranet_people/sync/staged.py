"""The tables of staged people, and of photos from the directory."""

from __future__ import annotations

from sqlalchemy import ColumnElement, LargeBinary, false, select
from sqlalchemy.orm import Mapped, mapped_column

from ..db.base import Base
from ..db.types import StoredProblem
from ..people.person import DirectoryColumns, Person
from ..problems import Problem


class StagedPerson(DirectoryColumns, Base):
    """A new person, or new columns of an existing one, to be applied by the merge.

    The row stays until the person is in the index of words too.
    """

    __tablename__ = "people_staged_person"

    person_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    run_id: Mapped[int]
    """The run is merged if this is at most `SyncState.run_id`; later rows were abandoned."""
    directory_id: Mapped[str]
    handle: Mapped[str | None]
    """Only for a new person; None if somebody else has it. Other changes are assigned later."""
    manager_id: Mapped[int | None]
    """Only for a new person."""
    is_new: Mapped[bool] = mapped_column(server_default=false())


def is_staged() -> ColumnElement[bool]:
    """Join condition of people and their staged changes."""
    # Without the first half SQLite would scan all people.
    changes = select(StagedPerson.person_id).where(~StagedPerson.is_new)
    return Person.id.in_(changes) & (Person.id == StagedPerson.person_id)


class PhotoSource(Base):
    """A photo as it is in the directory."""

    __tablename__ = "people_photo_source"

    digest: Mapped[str] = mapped_column(primary_key=True)
    data: Mapped[bytes | None] = mapped_column(LargeBinary)
    """None after its sizes were made, or if it is broken."""
    run_id: Mapped[int] = mapped_column(default=0)
    """The last run that uses it. Until that run is merged, no person may refer to it."""
    problem: Mapped[Problem | None] = mapped_column(StoredProblem)
