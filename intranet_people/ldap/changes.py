"""The result of reading the people: entries, deletions, hidden people and a checkpoint.

It looks the same for every strategy of reading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256

from ..problems import Problem
from .entry import Entry


class StartOver(Exception):
    """This strategy cannot continue. Discard everything that it yielded and use the next one."""


@dataclass(frozen=True)
class Checkpoint:
    """Where the next read of changes starts.

    way     "syncrepl", "usn" or "timestamp"
    server  the only server that understands `value`; "" if all servers of the directory do
    value   a cookie, a counter or a time, as the server gave it
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
    """16 bytes of SHA-256 over the entry and `key`, the digest of the mapping: with another mapping
    the same entry makes another record."""
    return sha256(key + entry.digest).digest()[:16]


class KnownDigests:
    """The entries of the last read, so that unchanged ones need not be decoded again.

    key         the digest of the mapping: Schema.digest_key
    person_ids  Person.id by `digest_of` the entry
    checkpoint  the checkpoint of the last read, or None
    """

    def __init__(
        self,
        key: bytes,
        person_ids: Mapping[bytes, int] | None = None,
        checkpoint: Checkpoint | None = None,
    ) -> None:
        self.key, self.person_ids, self.checkpoint = key, person_ids or {}, checkpoint

    def id_of(self, entry: Entry) -> int | None:
        """The id of the person with exactly this entry; None if it is new or changed."""
        return self.person_ids.get(digest_of(entry, self.key)) if self.person_ids else None


@dataclass(frozen=True)
class Hidden:
    """The people whom the directory hides.

    ids             in the format of `directory_id_of`
    dns             of hidden entries without an id: not people here, but never to be named either
    why_incomplete  why some may be missing; None if the list is complete
    """

    ids: frozenset[str] = frozenset()
    dns: frozenset[str] = frozenset()
    why_incomplete: Problem | None = None


class Read:
    """One read of the people. Iterate it once for its entries.

    is_full     yields everybody; otherwise only new and changed people
    seen        entries of the last read, which are not decoded again

    Set at the end of the iteration:

    checkpoint  where the next read of changes starts, or None
    gone        ids that the server reports as deleted
    present     ids of unchanged people, who were not yielded; everybody else who was not yielded
                is gone. None if the server does not list them
    hidden      the people whom the directory hides, set even if the read ends early. Asked last
                and on the same connection, so that the server knows everybody who was yielded

    The ids in `gone` and `present` are hexadecimal digits in lower case, without dashes. Iterating
    raises StartOver, or IncompleteRead after the last entry; there is no checkpoint then.
    """

    def __init__(
        self,
        is_full: bool,
        read_entries: Callable[[Read], Iterator[Entry]],
        seen: KnownDigests | None = None,
    ) -> None:
        self.is_full, self.seen = is_full, seen
        self.checkpoint: Checkpoint | None = None
        self.gone: set[str] = set()
        self.present: set[str] | None = None
        self.hidden = Hidden(why_incomplete=Problem("not-asked"))
        self._read_entries = read_entries

    def __iter__(self) -> Iterator[Entry]:
        return self._read_entries(self)
