"""One run at a time: the lease of it, which is renewed, lost and expires."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import NoReturn

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from intranet_people.clock import now
from intranet_people.jobs import lease
from intranet_people.jobs.lease import Lease
from intranet_people.ldap.entry import Entry

from ..conftest import plugin_of
from ..servers.slapd import Slapd
from .conftest import active, command, last, reasons, run, set_read

pytestmark = pytest.mark.slapd


def leases(app: Flask) -> list[datetime]:
    """Until when each is held."""
    with app.app_context():
        return list(plugin_of(app).session.scalars(select(Lease.expires_at)))


def test_a_second_run_at_once_ends_at_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[int] = []

    def slow() -> Iterator[Entry]:
        ended.append(command(app, "sync").exit_code)
        yield from ()

    set_read(monkeypatch, slow)
    run(app)
    assert ended == [3]
    assert last(app).status == "done"


def test_a_run_that_was_killed_blocks_the_next_until_its_lease_is_over(synced: Flask) -> None:
    p = plugin_of(synced)
    with synced.app_context():
        p.session.add(Lease(name="sync", expires_at=now() + timedelta(minutes=5)))
        p.session.commit()
    refused = command(synced, "sync")
    assert refused.exit_code == 3
    assert "already running" in refused.stderr
    assert "If it was killed, the next one can start at " in refused.stderr
    with synced.app_context():
        p.session.execute(update(Lease).values(expires_at=now() - timedelta(seconds=1)))
        p.session.commit()
    assert command(synced, "sync").exit_code == 0


def test_a_run_that_is_told_to_stop_leaves_the_way_free(
    synced: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    p = plugin_of(synced)
    entries = list(p.directory.read(p.schema.person_filter, p.schema.attributes))

    def slow() -> Iterator[Entry]:
        yield from entries[1:]
        os.kill(os.getpid(), signal.SIGTERM)
        yield entries[0]

    with monkeypatch.context() as patch:
        set_read(patch, slow)
        assert command(synced, "sync").exit_code == 128 + signal.SIGTERM
    assert (last(synced).status, reasons(synced)) == ("failed", "it was stopped before the end")
    assert len(active(synced)) == 12
    assert leases(synced) == []
    assert command(synced, "sync").exit_code == 0


def test_a_run_that_is_told_to_stop_after_its_merge_is_done(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*args: object) -> NoReturn:
        os.kill(os.getpid(), signal.SIGTERM)
        raise AssertionError("the signal was ignored")

    with monkeypatch.context() as patch:
        patch.setattr("intranet_people.sync.run.same_mails", stop)
        assert command(app, "sync").exit_code == 128 + signal.SIGTERM
    assert last(app).status == "done"
    assert len(active(app)) == 12
    assert leases(app) == []


def test_a_host_may_run_the_command_in_a_thread(synced: Flask) -> None:
    """As its scheduler does; only the main thread receives signals."""
    with ThreadPoolExecutor(1) as threads:
        assert threads.submit(command, synced, "sync").result().exit_code == 0


def test_a_run_that_lost_its_lease_stops_before_it_writes(
    synced: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    until = now() + timedelta(hours=1)
    p = plugin_of(synced)
    entries = list(p.directory.read(p.schema.person_filter, p.schema.attributes))

    def slow() -> Iterator[Entry]:
        yield from entries[1:]
        session = plugin_of(synced).session
        session.execute(delete(Lease))
        session.add(Lease(name="sync", expires_at=until))
        session.commit()

    set_read(monkeypatch, slow)
    ended = command(synced, "sync")
    assert ended.exit_code == 1
    assert "another `flask people sync` has taken over" in ended.stderr
    assert len(active(synced)) == 12
    assert (last(synced).status, "taken over" in reasons(synced)) == ("failed", True)
    # That of the other run stays.
    assert leases(synced) == [until]


def test_the_lease_is_renewed_while_reading(
    app: Flask, slapd: Slapd, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[datetime]] = []
    p = plugin_of(app)
    entries = list(p.directory.read(p.schema.person_filter, p.schema.attributes))

    def look() -> Iterator[Entry]:
        for one in entries:
            yield one
            seen.append(leases(app))

    set_read(monkeypatch, look)
    monkeypatch.setattr("intranet_people.sync.read.BATCH", 1)
    run(app)
    assert len({until for (until,) in seen}) == 1, "within a minute it is left as it is"
    seen.clear()
    monkeypatch.setattr(lease, "RENEW_AFTER", timedelta(0))
    run(app)
    untils = [until for (until,) in seen]
    assert untils == sorted(set(untils))
    assert len(untils) == 12
    assert leases(app) == []
