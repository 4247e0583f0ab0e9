"""Reads a directory in batches, by the cheapest strategy that works."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, TypeVar

from ..ldap.changes import Checkpoint, Hidden, KnownDigests, Read, StartOver
from ..ldap.connection import IncompleteRead
from ..ldap.entry import Entry
from ..ldap.mapping import Schema
from .compare import BATCH, TeamsOf
from .preview import Preview
from .stage import Stage

BATCH_BYTES, BATCH_SECONDS = 8_000_000, 30


@dataclass(frozen=True)
class Options:
    """How to run. `max_leavers` is a percentage of the active people; None disables the guard."""

    max_leavers: int | None = 5
    full: bool = False
    expected: int = 0
    """The estimated number of people of a full read."""
    keep_leavers: timedelta | None = None
    """How long to keep people who have left; None keeps them forever."""
    progress: Callable[[int, int], None] = lambda read, total: None
    """Called with the number read, and the estimated total or 0."""
    say: Callable[[str], None] = lambda step: None
    """Called with a description of each step, for a log."""


DEFAULTS = Options()


class Reads(Protocol):
    """A Directory, or a stand-in for one."""

    def reads(
        self, schema: Schema, checkpoint: Checkpoint | None = None, seen: KnownDigests | None = None
    ) -> Iterator[Read]: ...


@dataclass(frozen=True)
class Source:
    """What to read. `mapping` is a digest of the settings that affect the result: when it changes,
    everything is read again."""

    directory: Reads
    schema: Schema
    teams_of: TeamsOf | None = None
    mapping: str = ""


Consumer = TypeVar("Consumer", Stage, Preview)


def read_batches(
    reads: Iterator[Read], start: Callable[[], Consumer], options: Options
) -> tuple[Consumer, Read | None, Hidden]:
    """Read by the first strategy that works.

    Returns the consumer with all entries; the read, None if it is incomplete; and the hidden
    people.
    """
    for read in reads:
        consumer = start()
        report = consumer.comparison.report
        report.kind = "full" if read.is_full else "changes"
        options.say("reading everything" if read.is_full else "reading what changed")
        total = options.expected if read.is_full else 0
        try:
            for batch in _batches(read):
                report.read += len(batch)
                consumer.add(consumer.comparison.without_unchanged(batch, read.seen))
                options.progress(report.read, total)
        except StartOver as e:
            options.say(f"another way of reading: {e}")
        except IncompleteRead as e:
            report.incomplete = e.problem
            return consumer, None, _hidden(read, consumer)
        else:
            return consumer, read, _hidden(read, consumer)
    raise AssertionError("the last way never starts over")


def _hidden(read: Read, consumer: Stage | Preview) -> Hidden:
    return read.hidden if consumer.comparison.schema.hidden_filter else Hidden()


def _batches(read: Iterable[Entry]) -> Iterator[list[Entry]]:
    """Batches of BATCH entries, fewer if they are large or slow. If the read ends early, the
    entries before are yielded first."""
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
