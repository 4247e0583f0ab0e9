"""A sync that is killed with -9 at any commit: the rows are as before or as after it, never
between, and the next run converges."""

from __future__ import annotations

import random
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, create_engine, delete, select, text
from sqlalchemy.orm import Session

from intranet_people.db.base import table_of
from intranet_people.db.sqlite import use_sqlite_well
from intranet_people.db.upgrade import upgrade
from intranet_people.jobs.lease import Lease
from intranet_people.people.follow import Follow
from intranet_people.people.person import DIRECTORY_COLUMNS, Person
from intranet_people.sync.staged import StagedPerson
from tests.servers.postgresql import PostgreSQL
from tests.servers.slapd import Slapd

from .syncs import change, company, run, start

# Another number for the same person after another run; and the photo follows later.
OF_A_RUN = {"entry_digest"}
State = dict[str, tuple[Any, ...]]
"""What is known of each person, by directory id; without what only one run's numbers say."""


@dataclass
class Copies:
    """Databases of one kind: SQLite files, or those of a private PostgreSQL."""

    folder: Path
    server: PostgreSQL | None

    def empty(self) -> str:
        """The name of a new database with our tables."""
        name = f"people_{uuid4().hex[:12]}"
        if self.server:
            self.server.create_database(name)
        engine = create_engine(self.url(name))
        with Session(engine) as session:
            use_sqlite_well(engine)
            upgrade(session)
        engine.dispose()
        return name

    def of(self, name: str) -> str:
        copy = f"people_{uuid4().hex[:12]}"
        if self.server:
            self.server.create_database(copy, template=name)
        else:
            shutil.copy(self.folder / f"{name}.db", self.folder / f"{copy}.db")
        return copy

    def drop(self, name: str) -> None:
        if self.server:
            self.server.drop_database(name)
        for file in self.folder.glob(f"{name}.db*"):
            file.unlink()

    def url(self, name: str) -> str:
        return self.server.url(name) if self.server else f"sqlite:///{self.folder / name}.db"


def rounds(copies: Copies, number: int, seed: int) -> Iterator[str]:
    """`some` of a company of their own."""
    with company(copies.folder) as slapd:
        yield from some(slapd, copies, number, seed)


def some(slapd: Slapd, copies: Copies, number: int, seed: int) -> Iterator[str]:
    """Kills so many syncs, at commits that are spread over the whole of a run; tells of each how
    it left the rows, "before" or "after". Raises AssertionError where they are neither, or do not
    converge."""
    dice = random.Random(seed)
    name = copies.empty()
    run(slapd, copies.url(name))
    _let_follow(copies.url(name))
    before = state_of(copies.url(name))
    change(slapd)
    of, after = {}, {}
    for option in ("--full", "--no-full"):
        whole = copies.of(name)
        of[option] = _commits(slapd, copies.url(whole), option)
        after[option] = state_of(copies.url(whole))
        check_rest(copies.url(whole))
    assert after["--full"] == after["--no-full"]
    for n in range(number):
        option = "--full" if n % 2 else "--no-full"
        at = 1 + int(of[option] * (n + dice.random()) / number)
        copy = copies.of(name)
        dying = (("before", "after")[n // 2 % 2], min(at, of[option]))
        yield _kill_one(slapd, copies.url(copy), dying, option, before, after[option])
        copies.drop(copy)


def _commits(slapd: Slapd, url: str, option: str) -> int:
    """How many commits a run has that nobody kills."""
    running = start(slapd, url, option, dying=("before", 0))
    said, _ = running.communicate()
    assert running.returncode == 0, said
    return int(said.splitlines()[-1])


def _kill_one(
    slapd: Slapd, url: str, dying: tuple[str, int], option: str, before: State, after: State
) -> str:
    running = start(slapd, url, option, dying=dying)
    said, _ = running.communicate()
    assert running.returncode == -signal.SIGKILL, said
    state = state_of(url)
    assert state in (before, after), f"{dying}: {differences(state, before, after)}"
    _let_leases_expire(url)
    run(slapd, url)
    found = state_of(url)
    assert found == after, f"{dying}: {differences(found, after)}"
    check_rest(url)
    return "before" if state == before else "after"


def _let_leases_expire(url: str) -> None:
    """As they do minutes after a run was killed."""
    with _connected(url) as connection:
        connection.execute(delete(Lease))
        connection.commit()


def _let_follow(url: str) -> None:
    with _connected(url) as connection, Session(connection) as session:
        ids = session.scalars(select(Person.id).order_by(Person.id).limit(40)).all()
        pairs = zip(ids[:20], ids[20:], strict=True)
        session.add_all(Follow(follower_id=one, person_id=other) for one, other in pairs)
        session.commit()


def state_of(url: str) -> State:
    person = table_of(Person)
    facts = [person.c[name] for name in DIRECTORY_COLUMNS if name not in OF_A_RUN]
    own = [person.c.directory_id, person.c.handle, person.c.left_at.is_(None), person.c.is_hidden]
    with _connected(url) as connection:
        ids = dict(connection.execute(select(person.c.id, person.c.directory_id)).all())
        query = select(person.c.id, person.c.manager_id, *own, *facts)
        state = {
            row.directory_id: (ids.get(row.manager_id), *map(repr, row[2:]))
            for row in connection.execute(query)
        }
        for one, other in connection.execute(select(Follow.follower_id, Follow.person_id)):
            state[f"{ids[one]} follows"] = (ids[other],)
    return state


def check_rest(url: str) -> None:
    """After a run nothing of what was staged is left, everybody active is in the index once, and
    whoever has a photo is shown with it."""
    with _connected(url) as connection:
        assert connection.execute(select(StagedPerson.person_id)).all() == []
        rows = set(connection.execute(text("SELECT rowid FROM people_index")).scalars())
        active = select(Person.id).where(Person.left_at.is_(None))
        assert rows == set(connection.execute(active).scalars())
        behind = Person.photo_digest.is_distinct_from(Person.photo_offered)
        assert connection.execute(select(Person.id).where(behind)).all() == []


def differences(state: State, *others: State) -> str:
    """How many people differ from each of the others, and the first few."""
    lines = []
    for other in others:
        keys = [k for k in {*state, *other} if state.get(k) != other.get(k)]
        lines.append(f"{len(keys)} differ: {[(state.get(k), other.get(k)) for k in keys[:2]]}")
    return "\n".join(lines)


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()
