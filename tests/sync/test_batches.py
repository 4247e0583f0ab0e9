"""A run reads and writes a few people at a time, and others may write meanwhile."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, text

from intranet_people.ldap.entry import Entry

from ..soak.waits import Following
from .conftest import entry, noted, people, run, set_entries, set_read

pytestmark = pytest.mark.slapd


def test_the_same_id_twice_is_found_however_far_apart(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intranet_people.sync.read.BATCH", 2)
    twice = entry("again", entryuuid=b"id-p0")
    set_entries(monkeypatch, [*(entry(f"p{n}") for n in range(9)), twice])
    run(app)
    assert "again" not in people(app)
    assert "has the id of another entry; left out" in str(noted(app))


def test_a_database_that_begins_with_each_read(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """As SQLAlchemy's own recipe has it for SQLite: a write behind an old read is refused there."""
    with app.app_context():
        engine = app.extensions["sqlalchemy"].engine
    if engine.dialect.name != "sqlite":
        return

    def connected(connection: Any, record: Any) -> None:
        connection.isolation_level = None

    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN")

    engine.dispose()
    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begin)

    def come() -> Iterator[Entry]:
        for n in range(20):
            yield entry(f"p{n}", title=b"Pilot")
            with engine.connect() as other:
                other.execute(text("UPDATE people_sync_run SET kind = kind"))
                other.commit()

    monkeypatch.setattr("intranet_people.sync.read.BATCH", 3)
    set_read(monkeypatch, come)
    try:
        for title in ("first", "second"):
            assert run(app).incomplete is None, title
        assert len(people(app)) == 20
    finally:
        engine.dispose()
        event.remove(engine, "connect", connected)
        event.remove(engine, "begin", begin)


def test_others_write_while_a_run_goes_on(
    app: Flask, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite has one writer. Whoever follows somebody meanwhile waits for a step, not for a run."""
    set_entries(monkeypatch, [entry(f"p{n}", title=b"Pilot") for n in range(12_000)])
    run(app)
    set_entries(
        monkeypatch,
        [entry(f"p{n}", title=b"Captain", l=b"Oslo") for n in range(9_000)]
        + [entry(f"q{n}", title=b"Captain") for n in range(2_000)],
    )
    began = time.perf_counter()
    following = Following(database_url)
    run(app, max_leavers=None)
    lasted = time.perf_counter() - began
    waited = following.end()
    assert len(waited) > 20
    # How many seconds that are depends on the machine: `make bench` measures it.
    assert max(waited) < lasted / 2
