"""Login names: each is one person's. Who has it keeps it; another of that name gets `name~2`."""

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
    """Which person gets which login name, and who loses theirs to somebody else."""

    given: dict[int, str] = field(default_factory=dict)
    freed: set[int] = field(default_factory=set)
    conflicts: list[tuple[int, str, str]] = field(default_factory=list)
    """The person, the name that the directory says, and the one that they have here."""


def assign_handles(
    session: Session, wanted: Mapping[int, str], gone: Collection[int], run_id: int = 0
) -> HandleAssignment:
    """Who gets what of the names that are `wanted`, by person; those who are `gone` give theirs up.
    Who joins with that run has theirs already.

    First all that the directory says, and only then those that are invented: so that no invented
    one is what the directory says of somebody else.
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
            names.give(assignment, people[0], handle)
            conflicts += people[1:]
    _invent(session, conflicts, wanted, assignment, names)
    assignment.freed -= assignment.given.keys()
    return assignment


class _Names:
    """Who has which login name, and who keeps it."""

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

    def give(self, assignment: HandleAssignment, person_id: int, handle: str) -> None:
        assignment.given[person_id] = handle
        if holder := self.holders[handle]:
            assignment.freed.add(holder.id)


def _invent(
    session: Session,
    conflicts: Collection[int],
    wanted: Mapping[int, str],
    assignment: HandleAssignment,
    names: _Names,
) -> None:
    taken = set(assignment.given.values())
    called = _called(session, list(conflicts))

    def stays(person_id: int) -> bool:
        last = called.get(person_id) or ""
        is_invented = re.fullmatch(rf"{re.escape(wanted[person_id])}~\d+", last)
        return bool(is_invented) and last not in taken

    # What was invented once stays, where that can be.
    for person_id in sorted(conflicts, key=stays, reverse=True):
        name = wanted[person_id]
        if stays(person_id):
            handle = called[person_id] or ""
        else:
            several = (f"{name}~{n}" for n in count(2))
            handle = next(h for h in several if h not in taken and not names.is_kept(h))
            names.give(assignment, person_id, handle)
        taken.add(handle)
        assignment.conflicts.append((person_id, name, handle))


def _holders(session: Session, handles: Collection[str], run_id: int) -> list[Holder]:
    found: list[Holder] = []
    for some in chunks(list(handles)):
        query = select(Person.id, Person.handle, Person.left_at).where(Person.handle.in_(some))
        rows = session.execute(query)
        found += (Holder(id, handle or "", left_at is None) for id, handle, left_at in rows)
        joins = (StagedPerson.run_id == run_id) & StagedPerson.handle.in_(some)
        new = session.execute(select(StagedPerson.person_id, StagedPerson.handle).where(joins))
        found += (Holder(id, handle or "", True) for id, handle in new)
    return found


def _called(session: Session, ids: list[int]) -> dict[int, str | None]:
    called: dict[int, str | None] = {}
    for some in chunks(ids):
        query = select(Person.id, Person.handle).where(Person.id.in_(some))
        called |= dict(session.execute(query).all())
    return called
