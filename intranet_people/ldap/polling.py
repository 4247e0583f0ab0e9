"""Reads by pages: of everything, or of what a counter or a clock of the server calls newer."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from .changes import Checkpoint, Read, StartOver
from .entry import Entry
from .errors import DirectoryError
from .schemas import Schema, directory_id_of
from .search import Query, Session, first, pages, root_of
from .times import generalized_time

log = logging.getLogger(__name__)

SHOW_DELETED = "1.2.840.113556.1.4.417"
OVERLAP = timedelta(minutes=10)
"""How far back a search by modifyTimestamp goes: a replica may hear of a change late."""


def everything(
    session: Session, schema: Schema, since: Checkpoint | None, read: Read
) -> Iterator[Entry]:
    """Everybody, and the checkpoint from which `newer_usns` or `newer_timestamps` goes on."""
    checkpoint = None
    if "usn" in schema.changes and not session.is_embedded:
        checkpoint = _usn_checkpoint(session)
    last = read.seen.checkpoint if read.seen else None
    clock = _Clock()
    if last and last.way == "timestamp":
        clock.see(last.value.encode())
    query = replace(_people(session, schema), seen=read.seen)
    yield from _watched(clock, session, query, schema)
    if (
        checkpoint is None
        and "timestamp" in schema.changes
        and clock.latest
        and not session.is_embedded
    ):
        checkpoint = Checkpoint("timestamp", "", clock.latest)
    read.checkpoint = checkpoint


def newer_usns(
    session: Session, schema: Schema, since: Checkpoint | None, read: Read
) -> Iterator[Entry]:
    """By the counter that each domain controller of Active Directory has for itself.

    (MS-ADTS 3.1.1.1.9.) Deleted entries are named where the service account may see them. An entry
    that no longer matches the filter is found by the next full read.
    """
    checkpoint = _usn_checkpoint(session)
    if since is None or checkpoint is None or checkpoint.server != since.server:
        raise StartOver("another domain controller answers, whose counter is its own")
    if not since.value.isdecimal() or int(since.value) > int(checkpoint.value):
        raise StartOver("the domain controller counts less than it did")
    newer = f"(uSNChanged>={int(since.value) + 1})"
    yield from pages(session, replace(_people(session, schema, newer), seen=read.seen))
    # Of another id the rest of the domain may have the like.
    read.gone = _deleted(session, schema, newer) if schema.id_is_guid else set()
    read.checkpoint = checkpoint


def newer_timestamps(
    session: Session, schema: Schema, since: Checkpoint | None, read: Read
) -> Iterator[Entry]:
    """By modifyTimestamp, in the server's own time; who is gone, the next full read finds."""
    start = generalized_time(since.value.encode()) if since else None
    if since is None or start is None or start.year < 1900:
        raise StartOver(f"{since} is no time")
    clock = _Clock(since.value)
    newer = f"(modifyTimestamp>={_written(start - OVERLAP)})"
    query = replace(_people(session, schema, newer), seen=read.seen)
    yield from _watched(clock, session, query, schema)
    read.checkpoint = replace(since, value=clock.latest)


class _Clock:
    """The latest modifyTimestamp that was seen, and is not ahead of our clock.

    One server that is fast, or an entry of the year 2099, would hide what the others change
    till then; a checkpoint that is too early only reads some people again.
    """

    def __init__(self, latest: str = "") -> None:
        self._latest = latest.encode()
        self._limit = _written(datetime.now(UTC)).encode()

    @property
    def latest(self) -> str:
        return self._latest.decode("ascii", "replace")

    def see(self, value: bytes) -> None:
        if len(value) != 15 or value[14:] != b"Z":
            moment = generalized_time(value)
            value = _written(moment).encode() if moment else b""
        # Written alike, times compare as text.
        if self._latest < value <= self._limit:
            self._latest = value


def _watched(clock: _Clock, session: Session, query: Query, schema: Schema) -> Iterator[Entry]:
    if "timestamp" not in schema.changes:
        yield from pages(session, query)
        return
    is_behind = not clock.latest
    for entry in pages(session, query):
        # Whoever is as they were was there when the clock was read last.
        is_old = not is_behind and query.seen and query.seen.who_is(entry)
        for value in () if is_old else entry.attributes.get("modifytimestamp", ()):
            clock.see(value)
        yield entry


def _people(session: Session, schema: Schema, newer: str = "") -> Query:
    chosen = f"(&{schema.person_filter}{newer})" if newer else schema.person_filter
    return Query(session.base_dn, chosen, schema.attributes)


def _usn_checkpoint(session: Session) -> Checkpoint | None:
    """Where the domain controller's counter stands, before anything is read.

    The controller is known by its name and, where that may be read, by its invocationId, which
    changes when it is restored from a backup (MS-ADTS 3.1.1.1.9).
    """
    root = root_of(session)
    service, usn = first(root, "dsServiceName"), first(root, "highestCommittedUSN")
    if not service or not usn.isdecimal():
        return None
    query = Query(service, "(objectClass=*)", ["invocationId"], only_base=True)
    found = [entry for batch in session.ask(query) for entry in batch.entries]
    invocation = b"".join(v for entry in found for v in entry.values("invocationId"))
    return Checkpoint("usn", f"{service} {invocation.hex()}".strip(), usn)


def _deleted(session: Session, schema: Schema, newer: str) -> set[str]:
    """Ids of objects of the whole domain that were deleted; none where that is not told."""
    base = first(root_of(session), "defaultNamingContext")
    show = ((SHOW_DELETED, True, None),)
    query = Query(base, f"(&(isDeleted=TRUE){newer})", [schema.id_attribute], controls=show)
    try:
        return {directory_id_of(e, schema).replace("-", "") for e in pages(session, query)} - {""}
    except DirectoryError as e:
        log.info("The directory does not say who was deleted; the next full read finds out: %s", e)
        root_of(session)  # which raises where it was the connection that broke
        return set()


def _written(moment: datetime) -> str:
    return f"{moment:%Y%m%d%H%M%S}Z"
