"""Read one person from the directory at sign-in, before a sync has."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from ..jobs.lease import AlreadyRunning
from ..ldap.changes import Checkpoint, Hidden, KnownDigests, Read
from ..ldap.connection import Directory, escape
from ..ldap.entry import Entry
from ..ldap.schemas import Schema
from .report import SyncReport
from .sync import Options, Source, sync

WAITS, WAIT = 10, 0.2  # seconds


@dataclass(frozen=True)
class _Only:
    """A directory of one entry. The checkpoint of the last real read is kept."""

    entry: Entry
    hidden: Hidden

    def reads(
        self, schema: Schema, checkpoint: Checkpoint | None = None, seen: KnownDigests | None = None
    ) -> Iterator[Read]:
        read = Read(False, lambda read: iter([self.entry]))
        read.checkpoint = seen.checkpoint if seen else None
        read.hidden = self.hidden
        yield read


def entries_of(
    directory: Directory,
    schema: Schema,
    name: str,
    attributes: Sequence[str],
    named_by: Sequence[str] = (),
) -> list[Entry]:
    """Those with that name in one of the attributes `named_by`, or else with that login name.

    One, where it is somebody's. Raises DirectoryError.
    """
    which = f"(&{schema.person_filter}{_named(schema, name, named_by)})"
    return directory.find(which, attributes)


def bring_in(
    session: Session,
    directory: Directory,
    schema: Schema,
    name: str,
    named_by: Sequence[str] = (),
) -> SyncReport | None:
    """Who came, or is back: nobody, where the directory has no such person with an active account.

    By the same steps as a sync and under its lease: None while one is running, which is going to
    bring them. Teams that are groups, and the
    sizes of the photo, come with the next sync. Who is hidden arrives so, and where that cannot be
    read as well. Commits. Raises DirectoryError, LeaseLost.
    """
    found, hidden = directory.find_people(schema, _named(schema, name, named_by))
    if len(found) != 1:
        return SyncReport()
    source = Source(_Only(found[0], hidden), schema)
    for _ in range(WAITS):
        try:
            return sync(session, lambda: source, Options(newcomer=True))
        except AlreadyRunning:
            session.rollback()
            time.sleep(WAIT)  # another newcomer, perhaps, who takes but a moment
    return None


def _named(schema: Schema, name: str, named_by: Sequence[str]) -> str:
    value = escape(name)
    some = "".join(f"({a}={value})" for a in named_by or schema.fields["handle"][:1])
    return f"(|{some})"
