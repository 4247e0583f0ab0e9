"""The database session of the host, or our own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session


def session_of(app: Flask) -> Session:
    """That of the host's Flask-SQLAlchemy or -Lite, or of our own where it has neither."""
    session = app.extensions["sqlalchemy"].session
    # Lite's is the session itself, the other's the registry that gives it.
    return session if isinstance(session, Session) else cast(Session, session())


def db_session() -> Session:
    """Of the current app, for this request or command."""
    return session_of(current_app)


@contextmanager
def protect_transaction(session: Session) -> Iterator[None]:
    """Whatever fails within, what a host's view has pending in its session is there afterwards.

    PostgreSQL would take no more of the transaction, so that it gets a savepoint there.
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
