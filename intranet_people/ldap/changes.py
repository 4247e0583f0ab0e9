"""How far a read went, and what a read of the people is, in whichever way it is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256

from ..problems import Problem
from .entry import Entry


class StartOver(Exception):
    """This way of reading cannot go on: take the next. Nothing that it yielded counts."""


@dataclass(frozen=True)
class Checkpoint:
    """How far a read went: `value` is a server's own word, which `server` alone understands.

    way     "syncrepl", "usn" or "timestamp"
    server  "" where any server of the directory does
    """

    way: str
    server: str
    value: str

    def as_json(self) -> dict[str, str]:
        return asdict(self)

    @classmethod
    def of_json(cls, d: Mapping[str, str]) -> Checkpoint:
        return cls(d["way"], d["server"], d["value"])


def digest_of(entry: Entry, key: bytes) -> bytes:
    """16 bytes, of all that the entry is and of the mapping, whose `key` it is: by another one the
    same entry is somebody else."""
    return sha256(key + entry.digest).digest()[:16]


class KnownDigests:
    """What came the last time, so that nobody need look into an entry that comes again as it was.

    who  the number of whoever it is, by `digest_of` the entry
    key  of the mapping
    checkpoint  how far the last read came, or None
    """

    def __init__(
        self,
        key: bytes,
        who: Mapping[bytes, int] | None = None,
        checkpoint: Checkpoint | None = None,
    ) -> None:
        self.key, self.who, self.checkpoint = key, who or {}, checkpoint

    def who_is(self, entry: Entry) -> int | None:
        """Whoever came with the very same bytes; None where nobody did."""
        return self.who.get(digest_of(entry, self.key)) if self.who else None


@dataclass(frozen=True)
class Hidden:
    """Whom the directory hides.

    ids  as `directory_id_of` writes them
    dns  of entries without an id, who are nobody here and yet not to be named
    why_incomplete  why there may be more of them; None where these are all
    """

    ids: frozenset[str] = frozenset()
    dns: frozenset[str] = frozenset()
    why_incomplete: Problem | None = None


class Read:
    """One way of reading the people: to be iterated once, for an Entry each.

    is_full  everybody comes; else those who are new or changed
    seen     what came before: whoever comes again as they were is not decoded
    checkpoint     after the end: where the next read of changes starts, if there can be one
    gone     after the end: ids of those whom the server reports as deleted
    present  after the end, where not None: ids of those who are there, unchanged, and did not
             come; whoever neither came nor is among them is gone

    hidden   after the end, also where that was too early: whom the directory hides, asked on the
             same connection, and only then: whoever came is known to that server by now

    The ids in `gone` and `present` are hexadecimal digits in lower case, without dashes. Iterating
    raises StartOver, and IncompleteRead after the last entry that came; there is no checkpoint
    then.
    """

    def __init__(
        self,
        is_full: bool,
        come: Callable[[Read], Iterator[Entry]],
        seen: KnownDigests | None = None,
    ) -> None:
        self.is_full, self.seen = is_full, seen
        self.checkpoint: Checkpoint | None = None
        self.gone: set[str] = set()
        self.present: set[str] | None = None
        self.hidden = Hidden(why_incomplete=Problem("not-asked"))
        self._come = come

    def __iter__(self) -> Iterator[Entry]:
        return self._come(self)
