"""Who is signed in and not known here yet: looked for in the directory."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from sqlalchemy.orm import Session

from ..host import Mail
from ..ldap.connection import DirectoryError
from ..people.lease import LeaseLost
from ..people.newcomer import bring_in
from ..people.report import Report
from ..plugin import plugin, tell_of

log = logging.getLogger(__name__)
ASK_AGAIN_AFTER = 300.0
"""Seconds. Not with each request: a host may have users whom the directory does not."""
FEW = 1000


def read_in(name: str, named_by: Sequence[str] = ()) -> Report | None:
    """As `bring_in`, apart from what the host has not committed yet; and the host is told."""
    here = plugin()
    try:
        with Session(here.session.get_bind()) as session:
            report = bring_in(session, here.directory, here.schema, name, here.sniff, named_by)
    except LeaseLost:
        return None
    if report:
        tell_of(report)
    return report


class Newcomers:
    """Those whom the host or a server in front names; and whom the directory was asked about."""

    def __init__(self) -> None:
        self._asked: dict[str, float] = {}

    def __call__(self, name: str) -> bool:
        """Whether they may be here now."""
        moment = time.monotonic()
        if moment - self._asked.get(name, -ASK_AGAIN_AFTER) < ASK_AGAIN_AFTER:
            return False
        if len(self._asked) >= FEW:
            self._asked.clear()
        self._asked[name] = moment
        try:
            mail = plugin().schema.fields["mail"] if isinstance(name, Mail) else ()
            report = read_in(name, mail)
        except DirectoryError as e:
            log.warning("Somebody new is signed in, but the directory cannot be asked: %s", e)
            return False
        except BaseException:
            self._asked.pop(name, None)
            raise
        if report is None:
            self._asked.pop(name, None)  # a sync is running, and brings them
        return report is not None and bool(report.joined or report.returned or report.changed)
