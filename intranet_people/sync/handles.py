"""Unique login names: the first person keeps the name, the next with the same gets `name~2`."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..db.rows import chunks
from ..people.person import Person
from .staged import StagedPerson


class Holder(NamedTuple):
    id: int
    handle: str
    is_active: bool


@dataclass
class HandleAssignment:
    """The login names to change.

    given      new login name by person id
    freed      ids of people who lose theirs to somebody else
    conflicts  person id, login name in the directory, and the numbered one that they get here
    """

    given: dict[int, str] = field(default_factory=dict)
    freed: set[int] = field(default_factory=set)
    conflicts: list[tuple[int, str, str]] = field(default_factory=list)


def assign_handles(
    session: Session, wanted: Mapping[int, str], gone: Collection[int], run_id: int = 0
) -> HandleAssignment:
    """Assign the names in `wanted` (login name in the directory by person id).

    Names of people in `gone` are free. People who join with the run `run_id` keep the names that
    are already staged. Names of the directory are assigned before numbered ones, so that no
    numbered name is the directory's name of somebody else.
    """
    assignment, names = HandleAssignment(), _Names(session, wanted, gone, run_id)
    claims: dict[str, list[int]] = {}
    for person_id, handle in sorted(wanted.items()):
        claims.setdefault(handle, []).append(person_id)
    names.look_up(claims)
    conflicts: list[int] = []
    for handle, people in claims.items():
        if names.is_kept(handle):
            conflicts += people
        else:
            names.assign(assignment, people[0], handle)
            conflicts += people[1:]
    _assign_numbered(session, conflicts, wanted, assignment, names)
    assignment.freed -= assignment.given.keys()
    return assignment


class _Names:
    """The current holders of login names, and whether they keep them."""

    def __init__(
        self,
        session: Session,
        wanted: Mapping[int, str],
        gone: Collection[int],
        run_id: int,
    ) -> None:
        self.session, self.leaving, self.run_id = session, wanted.keys() | gone, run_id
        self.holders: dict[str, Holder | None] = {}

    def look_up(self, handles: Collection[str]) -> None:
        self.holders |= dict.fromkeys(handles)
        self.holders |= {h.handle: h for h in _holders(self.session, handles, self.run_id)}

    def is_kept(self, handle: str) -> bool:
        if handle not in self.holders:
            self.look_up([handle])
        holder = self.holders[handle]
        return holder is not None and holder.is_active and holder.id not in self.leaving

    def assign(self, assignment: HandleAssignment, person_id: int, handle: str) -> None:
        assignment.given[person_id] = handle
        if holder := self.holders[handle]:
            assignment.freed.add(holder.id)


def _assign_numbered(
    session: Session,
    conflicts: Collection[int],
    wanted: Mapping[int, str],
    assignment: HandleAssignment,
    names: _Names,
) -> None:
    taken = set(assignment.given.values())
    current = _current_handles(session, list(conflicts))

    def keeps_current(person_id: int) -> bool:
        last = current.get(person_id) or ""
        is_numbered = re.fullmatch(rf"{re.escape(wanted[person_id])}~\d+", last)
        return bool(is_numbered) and last not in taken

    # People keep their numbered name if possible.
    for person_id in sorted(conflicts, key=keeps_current, reverse=True):
        name = wanted[person_id]
        if keeps_current(person_id):
            handle = current[person_id] or ""
        else:
            numbered = (f"{name}~{n}" for n in count(2))
            handle = next(h for h in numbered if h not in taken and not names.is_kept(h))
            names.assign(assignment, person_id, handle)
        taken.add(handle)
        assignment.conflicts.append((person_id, name, handle))


def _holders(session: Session, handles: Collection[str], run_id: int) -> list[Holder]:
    found: list[Holder] = []
    for batch in chunks(list(handles)):
        query = select(Person.id, Person.handle, Person.left_at).where(Person.handle.in_(batch))
        rows = session.execute(query)
        found += (Holder(id, handle or "", left_at is None) for id, handle, left_at in rows)
        joins = (StagedPerson.run_id == run_id) & StagedPerson.handle.in_(batch)
        new = session.execute(select(StagedPerson.person_id, StagedPerson.handle).where(joins))
        found += (Holder(id, handle or "", True) for id, handle in new)
    return found


def _current_handles(session: Session, ids: list[int]) -> dict[int, str | None]:
    current: dict[int, str | None] = {}
    for batch in chunks(ids):
        query = select(Person.id, Person.handle).where(Person.id.in_(batch))
        current |= dict(session.execute(query).all())
    return current
