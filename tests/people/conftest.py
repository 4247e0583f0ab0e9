"""What the tests of the sync say often: run it, look at the people, change the directory."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import event, select

from intranet_people.follows.follow import Follow, follow
from intranet_people.ldap.entry import Entry
from intranet_people.people.person import Person, SyncRun
from intranet_people.people.report import Report
from intranet_people.people.search import search
from intranet_people.people.sync import last_run, sync
from intranet_people.photos.convert import check

from ..conftest import plugin_of
from ..servers.slapd import Slapd

PEOPLE_DN = f"ou=people,{Slapd.base_dn}"


def run(app: Flask, *, max_leavers: int | None = 5, dry_run: bool = False) -> Report:
    """One sync, as the command does it."""
    with app.app_context():
        p = plugin_of(app)
        options = {"max_leavers": max_leavers, "dry_run": dry_run}
        return sync(p.session, p.directory, p.schema, check, **options)  # type: ignore[arg-type]


def command(app: Flask, *arguments: str) -> Result:
    """`flask people ...`"""
    return app.test_cli_runner().invoke(args=["people", *arguments])


def people(app: Flask) -> dict[str, Person]:
    """Everyone kept, leavers too, by login name; those without one by their immutable id."""
    with app.app_context():
        return {
            p.handle or p.directory_id: p for p in plugin_of(app).session.scalars(select(Person))
        }


def found(app: Flask, query: str) -> list[str | None]:
    """The login names that a search shows."""
    with app.app_context():
        return [p.handle for p in search(plugin_of(app).session, query)]


def last(app: Flask) -> SyncRun:
    with app.app_context():
        run = last_run(plugin_of(app).session)
    assert run is not None
    return run


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
    """Lets every read bring just these entries."""
    monkeypatch.setattr(
        "intranet_people.ldap.connection.Directory.read", lambda *arguments: iter(entries)
    )


@pytest.fixture
def synced(app: Flask) -> Flask:
    """The twelve of Northwind, read once."""
    run(app)
    return app


@pytest.fixture
def changing(changing_slapd: Slapd, synced: Flask) -> Slapd:
    """The directory of the app `synced`, to be changed: restored afterwards."""
    return changing_slapd
