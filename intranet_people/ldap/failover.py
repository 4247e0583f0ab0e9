"""Which server of several to ask first."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

REMEMBERED = 60.0
"""Seconds for which a server that failed is asked last."""

_failed: dict[str, float] = {}
_lock = threading.Lock()


def in_order(uris: Sequence[str]) -> list[str]:
    """`uris` as they are, but for those that failed lately: these last, the latest at the end."""
    with _lock:
        since = time.monotonic() - REMEMBERED
        for uri in [uri for uri, at in _failed.items() if at < since]:
            del _failed[uri]
        return sorted(uris, key=lambda uri: _failed.get(uri, 0.0))


def note(uri: str, answers: bool) -> None:
    """How asking it went."""
    with _lock:
        if answers:
            _failed.pop(uri, None)
        else:
            _failed[uri] = time.monotonic()


def forget() -> None:
    with _lock:
        _failed.clear()
