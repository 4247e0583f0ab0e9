"""A sync that is killed with -9 at any commit: the rows are as before or as after it, never
between, and the next run converges."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
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
from tests.bench.company import PEOPLE_DN, dn_of, people
from tests.bench.ldif import write_ldif
from tests.servers.postgresql import PostgreSQL
from tests.servers.slapd import Slapd

from .. import SECRET_KEY

ROOT = Path(__file__).parents[2]
SIZE = 600
# Another number for the same person after another run; and the photo follows later.
OF_A_RUN = {"entry_digest"}
State = dict[str, tuple[Any, ...]]
"""What is known of each person, by directory id; without what only one run's numbers say."""


@contextmanager
def company(folder: Path) -> Iterator[Slapd]:
    """SIZE people in a directory, a few with a photo."""
    ldif = folder / "company.ldif"
    staff = (replace(p, has_photo=p.n % 60 == 0) for p in people(SIZE, 7, date(2026, 1, 1)))
    write_ldif(ldif, staff)
    with Slapd(ldif=ldif) as slapd:
        hide = "changetype: modify\nadd: employeeType\nemployeeType: witness\n"
        slapd.modify("\n".join(f"dn: {dn_of(n)}\n{hide}" for n in (10, 40, 70, 305)))
        yield slapd


def change(slapd: Slapd) -> None:
    """The company a day later: people came, went, changed, moved, swapped their login names; some
    are hidden, and some no longer."""

    def modify(n: int, *lines: str) -> str:
        return f"dn: {dn_of(n)}\nchangetype: modify\n" + "\n".join(lines) + "\n"

    changes = [modify(n, "replace: title", "title: Astronomer") for n in range(50, 250)]
    changes += [f"dn: {dn_of(n)}\nchangetype: delete\n" for n in range(301, 320)]
    changes += [modify(n, "replace: uid", f"uid: was.{n}") for n in (400, 401)]
    changes += [modify(400, "replace: uid", "uid: swapped.1")]
    changes += [modify(n, "replace: manager", f"manager: {dn_of(1000)}") for n in range(410, 420)]
    changes += [modify(n, "delete: jpegPhoto") for n in (60, 120)]
    changes += [modify(n, "replace: employeeType", "employeeType: witness") for n in (240, 270)]
    changes += [modify(n, "delete: employeeType") for n in (10, 40)]
    slapd.modify("\n".join(changes))
    newcomers = [
        f"dn: {dn_of(n)}\nobjectClass: inetOrgPerson\nuid: new.{n}\ncn: Newcomer {n}\n"
        f"sn: Newcomer\nmanager: {dn_of(n - n % 10)}\nemployeeNumber: {n}\n"
        f"employeeType: {'witness' if n % 20 == 0 else 'staff'}\n"
        for n in range(1000, 1080)
    ]
    slapd.add("\n".join(newcomers))


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


def run(slapd: Slapd, url: str, *options: str) -> None:
    """A sync that nobody kills."""
    running = start(slapd, url, *options)
    said, _ = running.communicate()
    assert running.returncode == 0, said


def start(
    slapd: Slapd,
    url: str,
    *options: str,
    uri: str = "",
    dying: tuple[str, int] | None = None,
    settings: Mapping[str, str] | None = None,
) -> subprocess.Popen[str]:
    """`flask people sync` as a process, over `uri` in place of the server's own; `dying` as
    tests.soak.dying has it."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("PEOPLE_")}
    usual = {
        "SECRET_KEY": SECRET_KEY,
        "SQLALCHEMY_DATABASE_URI": url,
        "PEOPLE_LDAP_URI": uri or slapd.ldaps_uri,
        "PEOPLE_LDAP_CA_FILE": str(slapd.ca_file),
        "PEOPLE_LDAP_BASE_DN": PEOPLE_DN,
        "PEOPLE_LDAP_HIDDEN": "(employeeType=witness)",
        "PEOPLE_LDAP_BIND_DN": slapd.service_dn,
        "PEOPLE_LDAP_BIND_PASSWORD": slapd.service_password,
    }
    program = ["tests.soak.dying", dying[0], str(dying[1])] if dying else ["flask"]
    options = tuple(option for option in options if option != "--no-full")
    command = [sys.executable, "-m", *program, "--app", "wsgi", "people", "sync", *options]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=inherited | usual | dict(settings or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


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
