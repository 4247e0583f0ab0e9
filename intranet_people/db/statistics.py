"""What PostgreSQL knows of our tables when it plans a query.

Its own process gathers that a minute or more after many rows came. Until then it takes a condition
like "has not left" to be true of hardly anybody, and reads everybody for it.
"""

from __future__ import annotations

import logging

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

log = logging.getLogger(__name__)

_NEVER = text("""
SELECT relname FROM pg_stat_user_tables
WHERE relname LIKE 'people\\_%' AND relid = to_regclass(relname) AND pg_relation_size(relid) > 0
  AND coalesce(last_analyze, last_autoanalyze) IS NULL
""")


def gather_first_statistics(session: Session) -> None:
    """Have it look at those of our tables that it has not looked at yet. Commits; logs an error.

    A matter of a second for a million rows; nothing on SQLite, which plans without.
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    try:
        for table in session.scalars(_NEVER).all():
            session.execute(text(f"ANALYZE {table}"))
        session.commit()
    except SQLAlchemyError as e:
        session.rollback()
        log.warning("The statistics of PostgreSQL were not gathered: %s", getattr(e, "orig", e))
