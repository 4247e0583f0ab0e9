"""The databases of a run: SQLite files, or those of a private PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from flask import Flask
from sqlalchemy import insert, select, text, update
from sqlalchemy.orm import Session

from intranet_people.db.base import table_of
from intranet_people.db.upgrade import upgrade
from intranet_people.ldap.changes import Checkpoint, KnownDigests, Read
from intranet_people.ldap.connection import Directory
from intranet_people.ldap.entry import Entry
from intranet_people.ldap.mapping import Schema
from intranet_people.ldap.presets import INETORGPERSON
from intranet_people.people.person import Person
from intranet_people.standalone import create_app
from intranet_people.state import State
from intranet_people.sync.sync import Options, Source, sync
from tests.servers.postgresql import PostgreSQL

from .. import SECRET_KEY
from .company import BASE_DN, people

LARGEST = 100_000
INDEXED = "names, logins, work, teams"


@dataclass(frozen=True)
class Store:
    """A database with our tables, and the stand-alone app over it."""

    url: str
    app: Flask

    @contextmanager
    def session(self) -> Iterator[Session]:
        with self.app.app_context():
            plugin = self.app.extensions["intranet_people"]
            assert isinstance(plugin, State)
            yield plugin.session


@dataclass(frozen=True)
class Databases:
    folder: Path
    postgresql: PostgreSQL | None

    def new(self, name: str) -> Store:
        if self.postgresql:
            url = self.postgresql.create_database(name)
        else:
            url = f"sqlite:///{self.folder / name}.db"
        app = create_app(
            {},
            SECRET_KEY=SECRET_KEY,
            SQLALCHEMY_DATABASE_URI=url,
            PEOPLE_LDAP_URI="ldaps://localhost",  # nobody is asked
            PEOPLE_LDAP_BASE_DN=BASE_DN,
        )
        store = Store(url, app)
        with store.session() as session:
            upgrade(session)
        return store


@dataclass(frozen=True)
class Generated(Directory):
    """A directory that answers with made-up people, without a server or a decoder."""

    size: int = 0
    seed: int = 0

    def reads(
        self, schema: Schema, checkpoint: Checkpoint | None = None, seen: KnownDigests | None = None
    ) -> Iterator[Read]:
        yield Read(True, lambda read: self._entries())

    def _entries(self) -> Iterator[Entry]:
        for person in people(self.size, self.seed, date.today()):
            # The pages show a photo by its digest alone: a stub does.
            values = person.attributes(photo_bytes=0)
            yield Entry(person.dn, {name.lower(): v for name, v in values.items()})


def base_of(size: int) -> int:
    """Of so many people a company of that size is made; a larger one has them again and again."""
    return size if size <= LARGEST else LARGEST


def fill(store: Store, size: int, seed: int, progress: Callable[[int], None]) -> None:
    """The company's rows, written by the very code of a sync; those of more than LARGEST people
    are copied straight from table to table."""
    base = base_of(size)
    directory = Generated(uris=(), base_dn=BASE_DN, size=base, seed=seed)
    with store.session() as session:
        options = Options(progress=lambda read, of: progress(read))
        source = Source(directory, INETORGPERSON)
        report = sync(session, lambda: source, options)
        # As if their sizes had been made.
        session.execute(update(Person).values(photo_digest=Person.photo_offered))
        session.commit()
        for n in range(base, size, base):
            _copy(session, n, min(base, size - n))
            progress(n)
        # Once a day on its own on PostgreSQL; SQLite is left as the sync leaves it.
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("ANALYZE"))
            session.commit()
    if len(report.joined) != base or report.problems:
        raise RuntimeError(f"The company is not whole: {report.counts} {report.problems[:3]}")


def _copy(session: Session, behind: int, count: int) -> None:
    """The first `count` people once more, with ids behind `behind` and login names of their own."""
    people = table_of(Person)
    own = {
        "id": people.c.id + behind,
        "directory_id": people.c.directory_id + f"-{behind}",
        "handle": people.c.handle + f".{behind}",
        "manager_id": people.c.manager_id + behind,
    }
    columns = [own.get(c.name, c).label(c.name) for c in people.c]
    some = select(*columns).where(people.c.id <= count)
    session.execute(insert(people).from_select([c.name for c in people.c], some))
    words = "lexemes" if session.get_bind().dialect.name == "postgresql" else INDEXED
    session.execute(
        text(
            f"INSERT INTO people_index (rowid, {words})"
            f" SELECT rowid + :behind, {words} FROM people_index WHERE rowid <= :count"
        ),
        {"behind": behind, "count": count},
    )
    session.commit()
