"""Which server of several to ask, and in which order."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from typing import Any

from .client.server import Credentials, Security, connect
from .errors import DirectoryDown, TLSRefused

log = logging.getLogger(__name__)

ANSWERS_WITHIN = 5
"""Seconds that one server has, from the connection to the answer of the bind, if others wait."""
REMEMBERED = 60.0
"""Seconds for which a server that failed is asked last."""

_failed: dict[str, float] = {}
_lock = threading.Lock()


def first_that_answers(
    uris: Sequence[str], who: Credentials, security: Security, timeout: int
) -> Any:
    """A safe connection, bound. Only a server's "no" to the password is final.

    One that is not safe was sent nothing, and is told of where no other answers.
    """
    failures, unsafe = [], None
    uris = in_order(uris)
    for n, uri in enumerate(uris, 1):
        within = timeout if n == len(uris) else min(ANSWERS_WITHIN, timeout)
        try:
            connection = connect(uri, who, security, time.monotonic() + within)
        except TLSRefused as e:
            unsafe = unsafe or e
            log.error("The directory %s is not safe: %s", uri, e)
        except DirectoryDown as e:
            failures.append(f"{uri}: {e.problem.detail}")
            log.warning("The directory %s does not answer: %s", uri, e.problem.detail)
        else:
            note(uri, answers=True)
            return connection
        note(uri, answers=False)
    raise unsafe or DirectoryDown("; ".join(failures))


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
