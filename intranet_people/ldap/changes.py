"""How far a read went, and what a read of the people is, in whichever way it is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass

from .entry import Entry


class StartOver(Exception):
    """This way of reading cannot go on: take the next. Nothing that it yielded counts."""


@dataclass(frozen=True)
class Mark:
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
    def of_json(cls, d: Mapping[str, str]) -> Mark:
        return cls(d["way"], d["server"], d["value"])


class Read:
    """One way of reading the people: to be iterated once, for an Entry each.

    is_full  everybody comes; else those who are new or changed
    mark     after the end: where the next read of changes starts, if there can be one
    gone     after the end: ids of those whom the server reports as deleted
    present  after the end, where not None: ids of those who are there, unchanged, and did not
             come; whoever neither came nor is among them is gone

    The ids are hexadecimal digits in lower case, without dashes. Iterating raises StartOver,
    and IncompleteRead after the last entry that came; there is no mark then.
    """

    def __init__(self, is_full: bool, come: Callable[[Read], Iterator[Entry]]) -> None:
        self.is_full = is_full
        self.mark: Mark | None = None
        self.gone: set[str] = set()
        self.present: set[str] | None = None
        self._come = come

    def __iter__(self) -> Iterator[Entry]:
        return self._come(self)
