"""The database session of the host, or our own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session


def session_of(app: Flask) -> Session:
    """The session of the host's Flask-SQLAlchemy or Flask-SQLAlchemy-Lite, or of our own."""
    session = app.extensions["sqlalchemy"].session
    # Lite has the session itself; Flask-SQLAlchemy a registry that returns it.
    return session if isinstance(session, Session) else cast(Session, session())


def db_session() -> Session:
    """The session of the current app, for this request or command."""
    return session_of(current_app)


@contextmanager
def protect_transaction(session: Session) -> Iterator[None]:
    """Run queries so that a failure leaves intact what the host's view has pending.

    On PostgreSQL a failed statement aborts the whole transaction, so a savepoint is used there.
    """
    if not session.in_transaction():
        try:
            yield
        except SQLAlchemyError:
            session.rollback()
            raise
    elif session.get_bind().dialect.name == "postgresql":
        with session.connection().begin_nested():
            yield
    else:
        yield
