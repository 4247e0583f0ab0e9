"""Pages by key: behind whom the next one begins, in the order of the names."""

from __future__ import annotations

from ..people.person import Person
from ..people.row import PersonRow

After = tuple[str, int]
"""The sort key and id of the last person of the page before."""


def read_after(text: str) -> After | None:
    """`SORT_KEY~ID`, as `after` of a link to the next page says; None where it is none."""
    key, _, person_id = text.rpartition("~")
    is_id = person_id.isascii() and person_id.isdecimal() and len(person_id) < 16
    return (key, int(person_id)) if is_id and "\0" not in key else None


def write_after(person: Person | PersonRow) -> str:
    return f"{person.sort_key}~{person.id}"
