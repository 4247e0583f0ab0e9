"""The strategies to read the people of a directory, best first.

A strategy that cannot give a reliable result raises StartOver, and the next one is used. The last
one reads everybody, page by page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from .changes import Checkpoint, Hidden, KnownDigests, Read, StartOver
from .entry import Entry
from .errors import ConnectionLost, IncompleteRead
from .hidden import hidden_people
from .mapping import Schema
from .polling import everything, newer_timestamps, newer_usns
from .search import SYNC_REQUEST, Session, root_of
from .syncrepl import refresh

Strategy = Callable[[Session, Schema, Checkpoint | None, Read], Iterator[Entry]]
CHANGES: dict[str, Strategy] = {
    "syncrepl": refresh,
    "usn": newer_usns,
    "timestamp": newer_timestamps,
}


def reads(
    open_session: Callable[[], Session],
    schema: Schema,
    checkpoint: Checkpoint | None,
    seen: KnownDigests | None = None,
) -> Iterator[Read]:
    """One Read per strategy, best first. Each opens its own connection when it is iterated."""

    def read_by(strategy: Strategy, since: Checkpoint | None = None) -> Read:
        return Read(since is None, partial(_read_with, open_session, schema, strategy, since), seen)

    if checkpoint and checkpoint.way in schema.changes and checkpoint.way in CHANGES:
        yield read_by(CHANGES[checkpoint.way], checkpoint)
    if "syncrepl" in schema.changes:
        yield read_by(_everything_by_best)
    yield read_by(everything)


def _everything_by_best(
    session: Session, schema: Schema, since: Checkpoint | None, read: Read
) -> Iterator[Entry]:
    """Read everybody, by syncrepl if the server supports it, for the best checkpoint."""
    offered = root_of(session).values("supportedControl")
    strategy = refresh if SYNC_REQUEST.encode() in offered else everything
    return strategy(session, schema, since, read)


def _read_with(
    open_session: Callable[[], Session],
    schema: Schema,
    strategy: Strategy,
    since: Checkpoint | None,
    read: Read,
) -> Iterator[Entry]:
    session = open_session()
    try:
        if since and session.is_embedded:
            raise StartOver("a directory in memory is always new")
        try:
            yield from strategy(session, schema, since, read)
        except ConnectionLost as e:
            read.hidden = Hidden(why_incomplete=e.problem)
            raise
        except IncompleteRead:
            read.hidden = hidden_people(session, schema)
            raise
        read.hidden = hidden_people(session, schema)
    finally:
        session.close()
