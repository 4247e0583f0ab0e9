"""Who is signed in by somebody else, and not known here yet: looked for in the directory."""

from __future__ import annotations

import logging
import time

from ..ldap.connection import DirectoryError
from ..people.newcomer import bring_in
from ..plugin import plugin, tell_of

log = logging.getLogger(__name__)
ASK_AGAIN_AFTER = 300.0
"""Seconds. Not with each request: a host may have users whom the directory does not."""
FEW = 1000


class Newcomers:
    """Of one app: whom the directory was asked about lately."""

    def __init__(self) -> None:
        self._asked: dict[str, float] = {}

    def __call__(self, name: str) -> bool:
        """Whether they are here now."""
        moment = time.monotonic()
        if moment - self._asked.get(name, -ASK_AGAIN_AFTER) < ASK_AGAIN_AFTER:
            return False
        if len(self._asked) >= FEW:
            self._asked.clear()
        self._asked[name] = moment
        here = plugin()
        try:
            report = bring_in(here.session, here.directory, here.schema, name, here.sniff)
        except DirectoryError as e:
            log.warning("Somebody new is signed in, but the directory cannot be asked: %s", e)
            return False
        if report is None:
            del self._asked[name]  # a sync is running, and brings them
            return False
        tell_of(report)
        return bool(report.joined or report.returned)
