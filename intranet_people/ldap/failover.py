"""Failover between several servers."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from typing import Any

from .client.server import Credentials, Security, connect
from .errors import DirectoryDown, TLSRefused

log = logging.getLogger(__name__)

ATTEMPT_TIMEOUT = 5
"""Seconds for connecting and binding to a server that is not the last one to try."""
RETRY_AFTER = 60.0
"""Seconds during which a server that failed is tried last."""

_failed: dict[str, float] = {}
_lock = threading.Lock()


def connect_to_first(
    uris: Sequence[str], credentials: Credentials, security: Security, timeout: int
) -> Any:
    """An ldap3 connection, secure and bound, to the first server that answers.

    Raises BindRefused at once if a server refuses the credentials, without trying the others.
    Raises TLSRefused or DirectoryDown if all of them fail; TLSRefused wins. `timeout` is in
    seconds.
    """
    failures, unsafe = [], None
    uris = in_order(uris)
    for n, uri in enumerate(uris, 1):
        within = timeout if n == len(uris) else min(ATTEMPT_TIMEOUT, timeout)
        try:
            connection = connect(uri, credentials, security, time.monotonic() + within)
        except TLSRefused as e:
            unsafe = unsafe or e
            log.error("The directory %s is not safe: %s", uri, e)
        except DirectoryDown as e:
            failures.append(f"{uri}: {e.problem.detail}")
            log.warning("The directory %s does not answer: %s", uri, e.problem.detail)
        else:
            record_result(uri, answers=True)
            return connection
        record_result(uri, answers=False)
    raise unsafe or DirectoryDown("; ".join(failures))


def in_order(uris: Sequence[str]) -> list[str]:
    """`uris` with those that failed recently moved to the end, the latest failure last."""
    with _lock:
        since = time.monotonic() - RETRY_AFTER
        for uri in [uri for uri, at in _failed.items() if at < since]:
            del _failed[uri]
        return sorted(uris, key=lambda uri: _failed.get(uri, 0.0))


def record_result(uri: str, answers: bool) -> None:
    """Remember a failure, or forget it when the server answers again."""
    with _lock:
        if answers:
            _failed.pop(uri, None)
        else:
            _failed[uri] = time.monotonic()


def reset() -> None:
    with _lock:
        _failed.clear()
