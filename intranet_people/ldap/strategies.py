"""The strategies to read the people of a directory, the best first.

Each either knows for sure what it says, or raises StartOver, and the next one is taken: the
last reads everything, page by page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from .changes import Checkpoint, Hidden, KnownDigests, Read, StartOver
from .entry import Entry
from .errors import ConnectionLost, IncompleteRead
from .hidden import hidden_people
from .polling import everything, newer_timestamps, newer_usns
from .schemas import Schema
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
    """Each opens a connection of its own when it is begun, and closes it at its end."""

    def read_by(strategy: Strategy, since: Checkpoint | None = None) -> Read:
        return Read(since is None, partial(_read_with, open_session, schema, strategy, since), seen)

    if checkpoint and checkpoint.way in schema.changes and checkpoint.way in CHANGES:
        yield read_by(CHANGES[checkpoint.way], checkpoint)
    if "syncrepl" in schema.changes:
        yield read_by(_at_its_best)
    yield read_by(everything)


def _at_its_best(
    session: Session, schema: Schema, since: Checkpoint | None, read: Read
) -> Iterator[Entry]:
    """Everything by syncrepl where the server has it, since that gives the best checkpoint."""
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
