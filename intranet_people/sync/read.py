"""Read a directory in batches, by the cheapest strategy that works."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, TypeVar

from ..ldap.changes import Checkpoint, Hidden, KnownDigests, Read, StartOver
from ..ldap.connection import IncompleteRead
from ..ldap.entry import Entry
from ..ldap.schemas import Schema
from .compare import BATCH, TeamsOf
from .preview import Preview
from .stage import Stage

BATCH_BYTES, BATCH_SECONDS = 8_000_000, 30


@dataclass(frozen=True)
class Options:
    """How to run. `max_leavers` is a percentage of the active people; None: no guard."""

    max_leavers: int | None = 5
    full: bool = False
    expected: int = 0
    """Roughly how many people a full read brings."""
    keep_leavers: timedelta | None = None
    """How long leavers are kept; None: for ever."""
    progress: Callable[[int, int], None] = lambda read, of: None
    """Called with how many were read, and of roughly how many; 0 if that is not known."""
    say: Callable[[str], None] = lambda step: None
    """Called with a description of each step, for a log."""


USUAL = Options()


class Reads(Protocol):
    """A Directory, or a stand-in for one."""

    def reads(
        self, schema: Schema, checkpoint: Checkpoint | None = None, seen: KnownDigests | None = None
    ) -> Iterator[Read]: ...


@dataclass(frozen=True)
class Source:
    """What is read and by what mapping. `mapping` is a digest of the settings that decide what
    comes: after another one than last time's everything is read."""

    directory: Reads
    schema: Schema
    teams_of: TeamsOf | None = None
    mapping: str = ""


Consumer = TypeVar("Consumer", Stage, Preview)


def read_batches(
    reads: Iterator[Read], start: Callable[[], Consumer], options: Options
) -> tuple[Consumer, Read | None, Hidden]:
    """Takes all that the directory has to say, by the cheapest way that it can go; the read that
    brought it, None where it broke off; and who is hidden."""
    for read in reads:
        taker = start()
        report = taker.comparison.report
        report.kind = "full" if read.is_full else "changes"
        options.say("reading everything" if read.is_full else "reading what changed")
        of = options.expected if read.is_full else 0
        try:
            for batch in _batches(read):
                report.read += len(batch)
                taker.take(taker.comparison.without_unchanged(batch, read.seen))
                options.progress(report.read, of)
        except StartOver as e:
            options.say(f"another way of reading: {e}")
        except IncompleteRead as e:
            report.incomplete = e.problem
            return taker, None, _hidden(read, taker)
        else:
            return taker, read, _hidden(read, taker)
    raise AssertionError("the last way never starts over")


def _hidden(read: Read, taker: Stage | Preview) -> Hidden:
    return read.hidden if taker.comparison.schema.hidden_filter else Hidden()


def _batches(read: Iterable[Entry]) -> Iterator[list[Entry]]:
    """Batches of BATCH entries, fewer if they are large or slow. If the read breaks off, all that
    came before is still yielded."""
    batch, size, began = list[Entry](), 0, time.monotonic()
    try:
        for entry in read:
            batch.append(entry)
            size += entry.size
            is_late = time.monotonic() - began > BATCH_SECONDS
            if len(batch) == BATCH or size > BATCH_BYTES or is_late:
                yield batch
                batch, size, began = [], 0, time.monotonic()
    except IncompleteRead:
        yield batch
        raise
    yield batch
