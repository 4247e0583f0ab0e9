"""Photos between the sync, which keeps them, and the photos' room, which makes their sizes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import delete, select

from intranet_people.ldap.entry import Entry
from intranet_people.people.person import Person
from intranet_people.photos.photo import prepare
from intranet_people.sync.staged import PhotoSource

from ..bench.photos import USUAL, photo_of
from ..conftest import COMPANY, MakeApp, plugin_of
from .conftest import entry, people, run, set_read


def test_sizes_made_while_a_run_goes_on_lose_no_photo(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As cron starts both in the same minute: nobody has the new photos yet."""
    app = make_app(**COMPANY)
    monkeypatch.setattr("intranet_people.sync.read.BATCH", 2)

    def come() -> Iterator[Entry]:
        for n in range(6):
            yield entry(f"p{n}", jpegphoto=photo_of(n, USUAL))
            prepare(plugin_of(app).session)

    set_read(monkeypatch, come)
    run(app)
    assert all(p.photo_digest for p in people(app).values())


def test_a_photo_that_got_lost_is_asked_for_once_more(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(**COMPANY)
    set_read(monkeypatch, lambda: iter([entry("alice", jpegphoto=photo_of(1, USUAL))]))
    with monkeypatch.context() as patched:
        patched.setattr("tests.sync.conftest.prepare", lambda session: None)
        run(app)
    with app.app_context():
        session = plugin_of(app).session
        session.execute(delete(PhotoSource))
        session.commit()
        prepare(session)
        assert session.scalars(select(Person.photo_digest)).all() == [None]
    assert run(app).counts["changed"] == 1
    assert people(app)["alice"].photo_digest
