"""What the tests of the sync say often: run it, look at the people, change the directory."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import event, select

from intranet_people.db.base import Base
from intranet_people.follows.follow import follow
from intranet_people.jobs.progress import Progress
from intranet_people.ldap.changes import Read
from intranet_people.ldap.entry import Entry
from intranet_people.people.follow import Follow
from intranet_people.people.person import Person
from intranet_people.photos.photo import prepare
from intranet_people.search.query import search
from intranet_people.sync.commands import source
from intranet_people.sync.history import SyncRun, last_run
from intranet_people.sync.problems import entry_problems, run_problems
from intranet_people.sync.report import SyncReport
from intranet_people.sync.sync import Options, sync

from ..conftest import plugin_of
from ..servers.slapd import Slapd

PEOPLE_DN = f"ou=people,{Slapd.base_dn}"


def run(app: Flask, **options: Any) -> SyncReport:
    """One sync of the directory that the command reads, a full one; the photos follow."""
    with app.app_context():
        p = plugin_of(app)
        options = {"full": True} | options
        report = sync(p.session, lambda: source(Progress("people")), Options(**options))
        prepare(p.session)
        return report


def command(app: Flask, *arguments: str) -> Result:
    """`flask people ...`"""
    return app.test_cli_runner().invoke(args=["people", *arguments])


def people(app: Flask) -> dict[str, Person]:
    """Everyone kept, leavers too, by login name; those without one by their immutable id."""
    with app.app_context():
        return {
            p.handle or p.directory_id: p for p in plugin_of(app).session.scalars(select(Person))
        }


def active(app: Flask) -> set[str]:
    """Login names of everyone who is here."""
    return {handle for handle, p in people(app).items() if p.is_active}


def found(app: Flask, query: str) -> list[str | None]:
    """The login names that a search shows."""
    with app.app_context():
        return [hit.person.handle for hit in search(plugin_of(app).session, Person(id=0), query)]


def last(app: Flask) -> SyncRun:
    with app.app_context():
        run = last_run(plugin_of(app).session)
    assert run is not None
    return run


def reasons(app: Flask) -> str:
    """Why the last run is not done, in words."""
    return "; ".join(map(str, last(app).reasons))


def noted(app: Flask) -> list[tuple[str, str]]:
    """What the last run recorded, as an operator is told it now."""
    with app.app_context():
        return [(who, str(what)) for who, what in run_problems(plugin_of(app).session, [last(app)])]


def doubtful(app: Flask) -> list[tuple[str, str]]:
    """Who is doubtful now and why."""
    with app.app_context():
        return [(who, str(what)) for who, what in entry_problems(plugin_of(app).session)]


def lets_follow(app: Flask, follower: str, followed: str) -> None:
    with app.app_context():
        session = plugin_of(app).session
        by_handle = {p.handle: p for p in session.scalars(select(Person))}
        follow(session, by_handle[follower], by_handle[followed])


def follows(app: Flask) -> set[tuple[int, int]]:
    """Pairs of ids: who follows whom."""
    with app.app_context():
        query = select(Follow.follower_id, Follow.person_id)
        return {(follower, person) for follower, person in plugin_of(app).session.execute(query)}


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """Collects every statement that reaches the database within the block."""
    statements: list[str] = []

    def collect(connection: object, cursor: object, statement: str, *rest: object) -> None:
        statements.append(statement)

    with app.app_context():
        engine = app.extensions["sqlalchemy"].engine
    event.listen(engine, "before_cursor_execute", collect)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", collect)


@contextmanager
def transactions(app: Flask) -> Iterator[list[list[str]]]:
    """Collects the statements of each transaction that is committed within the block."""
    done: list[list[str]] = []
    with counted(app) as statements:

        def commit(connection: object) -> None:
            done.append(statements[:])
            statements.clear()

        with app.app_context():
            engine = app.extensions["sqlalchemy"].engine
        event.listen(engine, "commit", commit)
        try:
            yield done
        finally:
            event.remove(engine, "commit", commit)


def rows_of(app: Flask) -> dict[str, list[Any]]:
    """Every row of what a run may change but its own records, by table."""
    kept = ("people_sync_run", "people_sync_state", "people_lease")
    with app.app_context():
        session = plugin_of(app).session
        return {
            table.name: sorted(map(repr, session.execute(select(table))))
            for table in Base.metadata.sorted_tables
            if table.name not in kept
        }


def dn(uid: str, ou: str = PEOPLE_DN) -> str:
    return f"uid={uid},{ou}"


def ldif(uid: str, *lines: str, cn: str = "") -> str:
    """A new entry; `lines` come in addition, as "mail: ..."."""
    cn = cn or uid.title()
    start = f"dn: {dn(uid)}\nobjectClass: inetOrgPerson\nuid: {uid}\ncn: {cn}\nsn: {cn}\n"
    return start + "".join(f"{line}\n" for line in lines)


def change(uid: str, *lines: str) -> str:
    """A change record; `lines` as "replace: mail", "mail: ..."."""
    return f"dn: {dn(uid)}\nchangetype: modify\n" + "".join(f"{line}\n" for line in lines)


def entry(name: str, **values: bytes | list[bytes]) -> Entry:
    """An entry as a server would have sent it, for what no server lets in."""
    attributes = {"entryuuid": f"id-{name}".encode(), "uid": name.encode(), "cn": name.encode()}
    given = {**attributes, **values}
    return Entry(dn(name), {k: v if isinstance(v, list) else [v] for k, v in given.items()})


def set_entries(monkeypatch: pytest.MonkeyPatch, entries: Sequence[Entry]) -> None:
    """Lets every read bring just these entries, as the directory's all."""
    set_read(monkeypatch, lambda: iter(entries))


def set_read(monkeypatch: pytest.MonkeyPatch, come: Callable[[], Iterator[Entry]]) -> None:
    """Lets every read be a full one that brings what `come` yields or raises."""
    monkeypatch.setattr(
        "intranet_people.ldap.connection.Directory.reads",
        lambda *arguments: iter([Read(True, lambda read: come())]),
    )
