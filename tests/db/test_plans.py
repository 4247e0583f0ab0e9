"""What the pages cost does not grow with the company: no statement reads or sorts everybody.

What a statement does is counted, not timed: the steps of SQLite's machine, and the rows that go
through the nodes of PostgreSQL's plan.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, func, select, text

from intranet_people.ldap.entry import Entry
from intranet_people.ldap.presets import INETORGPERSON
from intranet_people.people.person import Person
from intranet_people.sync.sync import Options, Source, sync

from ..bench.browser import HTMX, cookie_of, request
from ..bench.company import BASE_DN, people
from ..bench.life import give_life
from ..bench.pages import VIEWER
from ..bench.store import Databases, Generated, Store
from ..conftest import close
from ..servers.postgresql import PostgreSQL

SMALL, LARGE, GROWTH = 2_000, 8_000, 1.5
STEPS_MORE, ROWS_MORE = 10_000, 1_000
"""What a search may cost more that finds its 200 candidates in the large company alone."""
STEPS = 20
SEED = 1
PAGES = {
    "the first page": "/people/",
    "the list": "~/people/",
    "the list from the middle": "~/people/?after=m~1",
    "the meetings": "~/people/meetings",
    "a profile": "/people/@{handle}",
    "a card": "~/people/@{handle}/card",
    "whom I follow": "/people/following",
    "the hellos": "/people/hellos",
    "a search by name": "~/people/search?q=an",
    "a search by the rest": "~/people/search?q=eng",
    "a search by all": "~/people/search?q=a",
    "a search for nobody": "~/people/search?q=xqzzy",
}
Work = dict[str, int]
Counter = Callable[[Engine], AbstractContextManager[Callable[[], int]]]


def test_sqlite_reads_and_sorts_a_few(tmp_path: Path) -> None:
    small, large = (
        _work(_company(Databases(tmp_path, None), f"c{size}", size), _steps)
        for size in (SMALL, LARGE)
    )
    assert _grown(small, large, STEPS_MORE) == {}


@pytest.mark.postgresql
@pytest.mark.parametrize("statistics", ["first", "old"])
def test_postgresql_reads_and_sorts_a_few(
    tmp_path: Path, postgresql: PostgreSQL, statistics: str
) -> None:
    """With the statistics that a first sync leaves, of all of the company, or of some of it."""
    found = list[Work]()
    for size in (SMALL, LARGE):
        store = _company(
            Databases(tmp_path, postgresql),
            f"plans_{statistics}_{size}",
            *((size * 3 // 4, size) if statistics == "old" else (size,)),
        )
        found.append(_work(store, _rows))
    small, large = found
    assert _grown(small, large, ROWS_MORE) == {}


def _grown(small: Work, large: Work, more: int) -> dict[str, tuple[int, int]]:
    """The pages whose work grows with the company."""
    return {
        name: (small[name], work)
        for name, work in large.items()
        if work > small[name] * GROWTH + more
    }


def _company(databases: Databases, name: str, *sizes: int) -> Store:
    """It grows from size to size; nobody but our own sync looks at its statistics."""
    store = databases.new(name)
    with store.session() as session:
        if databases.postgresql:
            tables = session.scalars(
                text("SELECT relname FROM pg_class WHERE relname ~ '^people_' AND relkind = 'r'")
            )
            for table in tables.all():
                session.execute(text(f"ALTER TABLE {table} SET (autovacuum_enabled = off)"))
            session.commit()
    for size in sizes:
        directory = Part(uris=(), base_dn=BASE_DN, size=sizes[-1], seed=SEED, part=size)
        with store.session() as session:
            sync(session, partial(Source, directory, INETORGPERSON), Options())
    with store.session() as session:
        give_life(session, _viewer(sizes[-1]), SEED)
    return store


@dataclass(frozen=True)
class Part(Generated):
    """Of the generated company, so many."""

    part: int = 0

    def _entries(self) -> Iterator[Entry]:
        return islice(super()._entries(), self.part)


def _viewer(size: int) -> str:
    return next(p for p in people(size, SEED, date.today()) if p.n == VIEWER).directory_id


def _work(store: Store, count: Counter) -> Work:
    """What each page costs."""
    with store.session() as session:
        size = session.scalar(select(func.count()).select_from(Person)) or 0
        some = select(Person.handle).order_by(Person.sort_key).offset(size // 2)
        handle = session.scalar(some.limit(1))
        engine = session.get_bind()
    assert isinstance(engine, Engine)
    cookie = cookie_of(store.app, _viewer(size))
    work = {}
    for name, page in PAGES.items():
        path = page.removeprefix("~").format(handle=handle)
        ask = request(store.app, path, cookie | (HTMX if page != path else {}))
        ask()
        with count(engine) as done:
            ask()
        work[name] = done()
    close(store.app)
    return work


@contextmanager
def _steps(engine: Engine) -> Iterator[Callable[[], int]]:
    """Of SQLite's virtual machine (https://sqlite.org/opcode.html)."""
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += STEPS

    def begin(connection: Connection, cursor: Any, *rest: Any) -> None:
        cursor.connection.set_progress_handler(step, STEPS)

    event.listen(engine, "before_cursor_execute", begin)
    yield lambda: steps
    event.remove(engine, "before_cursor_execute", begin)


@contextmanager
def _rows(engine: Engine) -> Iterator[Callable[[], int]]:
    """Through the nodes of the plans of PostgreSQL.

    It would read all of a table of this size, which is quicker. Told that a row is dear, it plans
    as for a large one.
    """
    said = list[tuple[str, Any]]()

    def note(connection: Connection, cursor: Any, statement: str, values: Any, *rest: Any) -> None:
        said.append((statement, values))

    event.listen(engine, "before_cursor_execute", note)
    yield lambda: sum(_rows_of(engine, *one) for one in said if not one[0].startswith("RELEASE"))
    event.remove(engine, "before_cursor_execute", note)


def _rows_of(engine: Engine, statement: str, values: Any) -> int:
    explained = f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}"
    with engine.connect() as connection:
        connection.exec_driver_sql("SET LOCAL cpu_tuple_cost = 1")
        [[plan]] = connection.exec_driver_sql(explained, values).one()
    return sum(_rows_through(node) for node in _nodes(plan["Plan"]))


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for part in node.get("Plans", ()):
        yield from _nodes(part)


def _rows_through(node: dict[str, Any]) -> int:
    # The set of rows that have a word, as the index holds it: none of them is read yet.
    if node["Node Type"] in ("Bitmap Index Scan", "BitmapOr", "BitmapAnd"):
        return 0
    kept = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
    return int((kept + node.get("Rows Removed by Index Recheck", 0)) * node["Actual Loops"])
