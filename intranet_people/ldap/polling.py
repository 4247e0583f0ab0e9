"""Paged reads: of everybody, or of changes by a counter or timestamp of the server."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from .changes import Checkpoint, Read, StartOver
from .entry import Entry
from .errors import DirectoryError
from .mapping import Schema
from .record import directory_id_of
from .search import Query, Session, first, pages, root_of
from .times import generalized_time

log = logging.getLogger(__name__)

SHOW_DELETED = "1.2.840.113556.1.4.417"
OVERLAP = timedelta(minutes=10)
"""How far a search by modifyTimestamp looks back, as changes may reach a replica late."""


def everything(
    session: Session, schema: Schema, since: Checkpoint | None, read: Read
) -> Iterator[Entry]:
    """Read everybody; the checkpoint is for `newer_usns` or `newer_timestamps`."""
    checkpoint = None
    if "usn" in schema.changes and not session.is_embedded:
        checkpoint = _usn_checkpoint(session)
    last = read.seen.checkpoint if read.seen else None
    timestamps = _LatestTimestamp()
    if last and last.way == "timestamp":
        timestamps.see(last.value.encode())
    query = replace(_people_query(session, schema), seen=read.seen)
    yield from _track_timestamps(timestamps, session, query, schema)
    if (
        checkpoint is None
        and "timestamp" in schema.changes
        and timestamps.latest
        and not session.is_embedded
    ):
        checkpoint = Checkpoint("timestamp", "", timestamps.latest)
    read.checkpoint = checkpoint


def newer_usns(
    session: Session, schema: Schema, since: Checkpoint | None, read: Read
) -> Iterator[Entry]:
    """Read changes by uSNChanged, a counter of each domain controller (MS-ADTS 3.1.1.1.9).

    Reports deletions if the service account may see them. The next full read finds entries that no
    longer match the filter.
    """
    checkpoint = _usn_checkpoint(session)
    if since is None or checkpoint is None or checkpoint.server != since.server:
        raise StartOver("another domain controller answers, whose counter is its own")
    if not since.value.isdecimal() or int(since.value) > int(checkpoint.value):
        raise StartOver("the domain controller counts less than it did")
    newer = f"(uSNChanged>={int(since.value) + 1})"
    yield from pages(session, replace(_people_query(session, schema, newer), seen=read.seen))
    # Other ids are not unique in the domain: deleted objects that were no people may have them.
    read.gone = _deleted_ids(session, schema, newer) if schema.id_is_guid else set()
    read.checkpoint = checkpoint


def newer_timestamps(
    session: Session, schema: Schema, since: Checkpoint | None, read: Read
) -> Iterator[Entry]:
    """Read changes by modifyTimestamp, the server's time. The next full read finds deletions."""
    start = generalized_time(since.value.encode()) if since else None
    if since is None or start is None or start.year < 1900:
        raise StartOver(f"{since} is no time")
    timestamps = _LatestTimestamp(since.value)
    newer = f"(modifyTimestamp>={_format_time(start - OVERLAP)})"
    query = replace(_people_query(session, schema, newer), seen=read.seen)
    yield from _track_timestamps(timestamps, session, query, schema)
    read.checkpoint = replace(since, value=timestamps.latest)


class _LatestTimestamp:
    """The latest modifyTimestamp so far that is not in the future.

    A timestamp of a server whose clock is fast, or of the year 2099, would hide all changes until
    then. A checkpoint that is too early only reads some people again.
    """

    def __init__(self, latest: str = "") -> None:
        self._latest = latest.encode()
        self._limit = _format_time(datetime.now(UTC)).encode()

    @property
    def latest(self) -> str:
        return self._latest.decode("ascii", "replace")

    def see(self, value: bytes) -> None:
        if len(value) != 15 or value[14:] != b"Z":
            moment = generalized_time(value)
            value = _format_time(moment).encode() if moment else b""
        # In the same format, times compare as text.
        if self._latest < value <= self._limit:
            self._latest = value


def _track_timestamps(
    timestamps: _LatestTimestamp, session: Session, query: Query, schema: Schema
) -> Iterator[Entry]:
    if "timestamp" not in schema.changes:
        yield from pages(session, query)
        return
    is_behind = not timestamps.latest
    for entry in pages(session, query):
        # The last checkpoint already covers unchanged entries.
        is_old = not is_behind and query.seen and query.seen.id_of(entry)
        for value in () if is_old else entry.attributes.get("modifytimestamp", ()):
            timestamps.see(value)
        yield entry


def _people_query(session: Session, schema: Schema, newer: str = "") -> Query:
    chosen = f"(&{schema.person_filter}{newer})" if newer else schema.person_filter
    return Query(session.base_dn, chosen, schema.attributes)


def _usn_checkpoint(session: Session) -> Checkpoint | None:
    """The current counter of the domain controller, to be called before the read.

    A controller is identified by its name and, if readable, its invocationId, which changes when it
    is restored from a backup (MS-ADTS 3.1.1.1.9).
    """
    root = root_of(session)
    service, usn = first(root, "dsServiceName"), first(root, "highestCommittedUSN")
    if not service or not usn.isdecimal():
        return None
    query = Query(service, "(objectClass=*)", ["invocationId"], only_base=True)
    found = [entry for batch in session.ask(query) for entry in batch.entries]
    invocation = b"".join(v for entry in found for v in entry.values("invocationId"))
    return Checkpoint("usn", f"{service} {invocation.hex()}".strip(), usn)


def _deleted_ids(session: Session, schema: Schema, newer: str) -> set[str]:
    """Ids of deleted objects of the whole domain; empty if the server does not tell them."""
    base = first(root_of(session), "defaultNamingContext")
    show = ((SHOW_DELETED, True, None),)
    query = Query(base, f"(&(isDeleted=TRUE){newer})", [schema.id_attribute], controls=show)
    try:
        return {directory_id_of(e, schema).replace("-", "") for e in pages(session, query)} - {""}
    except DirectoryError as e:
        log.info("The directory does not say who was deleted; the next full read finds out: %s", e)
        root_of(session)  # raises if the connection is lost
        return set()


def _format_time(moment: datetime) -> str:
    return f"{moment:%Y%m%d%H%M%S}Z"
