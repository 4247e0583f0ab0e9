"""Checks the tables when the app starts, so that an operator learns at once what to run."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from threading import Thread
from typing import Any

from sqlalchemy import URL, NullPool, create_engine
from sqlalchemy.exc import SQLAlchemyError

from .private_files import file_of
from .revisions import MISSING, what_is_wrong

log = logging.getLogger(__name__)
WAIT = 0.5
"""Seconds: the check never delays the start for longer, even if the database is down."""


def look_at_tables(url: URL, connect_args: Mapping[str, Any]) -> None:
    """Logs an error where they are not those of this version. Raises nothing.

    Over a connection of its own, so that nothing of it is left in a process that forks.
    """
    thread = Thread(target=_look, args=(url, connect_args), daemon=True)
    thread.start()
    thread.join(WAIT)


def _look(url: URL, connect_args: Mapping[str, Any]) -> None:
    try:
        wrong = _of_sqlite(url) or _asked(url, connect_args)
    except SQLAlchemyError:
        return  # it is down: whoever needs it says so, and it may come back any moment
    if wrong:
        log.error("%s", wrong)


def _of_sqlite(url: URL) -> str | None:
    """Whether the file is missing. Connecting would create it."""
    file = file_of(url)
    return MISSING if file and not file.exists() else None


def _asked(url: URL, connect_args: Mapping[str, Any]) -> str | None:
    engine = create_engine(url, poolclass=NullPool, connect_args=dict(connect_args))
    with engine.connect() as connection:
        return what_is_wrong(connection)
