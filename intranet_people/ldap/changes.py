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


class KnownDigests:
    """What came the last time, so that nobody need look into an entry that comes again as it was.

    who   by a digest of all the bytes of an entry, of 16 bytes, the number of whoever it is
    key   of the mapping: by another one the same entry is somebody else
    checkpoint  how far the last read came, or None
    """

    def __init__(
        self,
        key: bytes,
        who: Mapping[bytes, int] | None = None,
        checkpoint: Checkpoint | None = None,
    ) -> None:
        self.who, self.checkpoint = who or {}, checkpoint
        self._begun = sha256(key)

    def digest(self, content: bytes) -> bytes:
        one = self._begun.copy()
        one.update(content)
        return one.digest()[:16]


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
    seen     what came before: whoever comes again as they were comes as a ber.UnchangedEntry
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
