"""A person in a list: the columns that a row on a page shows, without loading the whole entity."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy.orm import InstrumentedAttribute

from .person import Described, Person


class _Columns(NamedTuple):
    id: int
    handle: str | None
    name: str
    given_name: str
    surname: str
    sort_key: str
    title: str
    team: str
    office: str
    city: str
    mail: str
    photo_digest: str | None
    left_at: datetime | None


class PersonRow(_Columns, Described):
    """A person as a row of a page shows them."""

    __slots__ = ()


def columns_of(person: type[Person]) -> tuple[InstrumentedAttribute[Any], ...]:
    """What a query selects first, so that `PersonRow(*row[:WIDTH])` is the person."""
    return tuple(getattr(person, name) for name in PersonRow._fields)


COLUMNS = columns_of(Person)
WIDTH = len(COLUMNS)
