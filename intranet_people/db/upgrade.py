"""Creates the tables, and brings them up to date."""

from __future__ import annotations

from sqlalchemy.orm import Session

from .revisions import MigrationRequired, columns_of, no_way, revision_of, what_is_wrong


def upgrade(session: Session) -> list[tuple[str, str]]:
    """Create the tables, or bring them up to date: all of it or, if it fails, nothing.

    Commits what the session has begun. Returns the revisions that were missing, each with what it
    does. Raises MigrationRequired where there is no way from these tables to those of this version.
    """
    session.commit()
    engine = session.get_bind().engine
    if engine.dialect.name not in ("sqlite", "postgresql"):
        raise MigrationRequired(
            f"{engine.dialect.name} is not supported: SQLALCHEMY_DATABASE_URI must name SQLite"
            " or PostgreSQL."
        )
    with engine.connect() as connection:
        if what_is_wrong(connection) is None:
            return []
    from .migrate import alone, stamp, take_steps

    with alone(engine) as connection:
        if wrong := no_way(connection):
            raise MigrationRequired(wrong)
        if revision_of(connection) and not columns_of(connection):
            stamp(connection, "base")
        return take_steps(connection)
