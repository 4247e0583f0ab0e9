"""Makes the sizes of photos in child processes that can be killed and are capped in memory.

Some kilobytes can keep a decoder busy for hours or make it fill the memory, and decoders crash.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from queue import LifoQueue
from typing import Any, Self

from ..images import is_webp
from ..problems import Problem, problem_from
from ..sandbox.process import Child, Crashed, Limits, OutOfMemory, TooLate
from .formats import SIZES

LIMITS = Limits(seconds=10, megabytes=512, nice=10)
MOST_CHILDREN = 4
Sizes = dict[int, bytes]


class Converter:
    """`convert.renditions` of many photos, each with a limit of time and memory.

    As many children as there are cores, MOST_CHILDREN at most; they are started as they are
    needed, and ended by leaving the `with` block, which waits for what is under way.
    """

    def __init__(
        self,
        limits: Limits = LIMITS,
        children: int | None = None,
        module: str = "intranet_people.photos.worker_main",
    ) -> None:
        count = children or min(os.cpu_count() or 1, MOST_CHILDREN)
        self.children = [Child(module, limits) for _ in range(count)]
        self._idle: LifoQueue[Child] = LifoQueue()
        for child in self.children:
            self._idle.put(child)
        self._threads = ThreadPoolExecutor(count, "photos")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._threads.shutdown(cancel_futures=True)
        for child in self.children:
            child.close()

    def convert(self, photos: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, Sizes | Problem]]:
        """The sizes of each of `photos`, or what is wrong with it, under its digest.

        In the order in which they are done. `photos` is read as they are: never more than one
        for each child and one that waits are here. Raises NotStarted.
        """
        pending: set[Future[tuple[str, Sizes | Problem]]] = set()
        for digest, data in photos:
            pending.add(self._threads.submit(self._outcome, digest, data))
            if len(pending) > len(self.children):
                done, pending = wait(pending, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
        while pending:
            done, pending = wait(pending, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in done)

    def _outcome(self, digest: str, data: bytes) -> tuple[str, Sizes | Problem]:
        child = self._idle.get()
        try:
            return digest, _asked(child, data)
        finally:
            self._idle.put(child)


def _asked(child: Child, data: bytes) -> Sizes | Problem:
    """Asks once more where the child came to its end: it may have been killed by somebody."""
    for _ in range(2):
        try:
            return _sizes_of(*child.ask({}, data))
        except TooLate:
            return Problem("photo-slow")
        except OutOfMemory:
            return Problem("photo-memory")
        except Crashed:
            continue
    return Problem("photo-crashed")


def _sizes_of(head: dict[str, Any], body: bytes) -> Sizes | Problem:
    """The answer of a child, which a photo may have taken over. Raises Crashed for nonsense."""
    sizes: Sizes = {}
    at = 0
    try:
        if "refused" in head:
            return problem_from(head["refused"])
        for size, length in head["sizes"]:
            sizes[size] = body[at : at + length]
            at += length
    except (KeyError, TypeError, ValueError):
        raise Crashed("answered nonsense") from None
    if SIZES[0] not in sizes or set(sizes) - set(SIZES) or not all(map(is_webp, sizes.values())):
        raise Crashed("answered nonsense")
    return sizes
