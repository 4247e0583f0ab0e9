"""People who sign in before a sync has read them: they are read from the directory."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from sqlalchemy.orm import Session

from ..i18n.marks import N_
from ..i18n.texts import gettext
from ..ldap.connection import DirectoryError
from ..people.login_name import LoginName
from ..state import get_state
from ..sync.newcomer import bring_in
from ..sync.report import send_signals
from ..web.guard import NotListed

log = logging.getLogger(__name__)
ASK_AGAIN_AFTER, WHERE_IT_IS_DOWN = 300.0, 15.0
"""Seconds between attempts, as a host may have users whom the directory does not have."""
NEW_AND_DOWN = N_(
    "Welcome. You are new here, and the directory is not answering just now. Please try again in"
    " a while."
)
FEW = 1000


def read_in(name: LoginName, named_by: Sequence[str] = ()) -> None:
    """As `bring_in`, with a connection of its own, and with signals for the host.

    If the host loses nothing by it, the request first gives its connection back, so that many
    newcomers at once do not need two each.
    """
    here = get_state()
    mine = here.session
    if here.has_own_database and not (mine.new or mine.dirty or mine.deleted):
        mine.rollback()
    with Session(here.session.get_bind()) as session:
        report = bring_in(session, here.directory, here.schema, name.text, named_by)
    send_signals(here.session, report)


class Newcomers:
    """Users of the host or of a server in front, and until when the directory is not asked."""

    def __init__(self) -> None:
        self._not_before: dict[LoginName, float] = {}

    def __call__(self, name: LoginName) -> None:
        """Raises NotListed if the directory cannot be asked for them."""
        moment = time.monotonic()
        if moment < self._not_before.get(name, moment):
            return
        if len(self._not_before) >= FEW:
            self._not_before.clear()
        try:
            mail = get_state().schema.fields["mail"] if name.kind == "mail" else ()
            read_in(name, mail)
        except DirectoryError as e:
            log.warning("A new person is signed in, but the directory cannot be asked: %s", e)
            self._not_before[name] = moment + WHERE_IT_IS_DOWN
            raise NotListed(gettext(NEW_AND_DOWN)) from None
        self._not_before[name] = moment + ASK_AGAIN_AFTER
