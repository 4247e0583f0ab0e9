"""Insert helpers: rows that may exist already, many rows at once, and a row lock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module
from itertools import islice
from operator import itemgetter
from typing import Any, TypeVar, cast

from sqlalchemy import Dialect, Table
from sqlalchemy.orm import Session

from .base import Base, table_of

E = TypeVar("E", bound=Base)


def insert_once(session: Session, entity: type[E], **values: Any) -> E | None:
    """Insert a row unless one with the same key exists; the row, or None.

    Without an error to roll back from: what a host has not committed yet is not lost.
    """
    dialect = _dialect(session)
    statement = dialect.insert(entity).values(**values).on_conflict_do_nothing()
    return cast("E | None", session.scalars(statement.returning(entity)).first())


def upsert(session: Session, entity: type[Base]) -> Any:
    """The dialect's own INSERT, which supports ON CONFLICT."""
    return _dialect(session).insert(table_of(entity))


def _dialect(session: Session) -> Any:
    # Imported only when needed: PostgreSQL's dialect imports asyncio, which is slow.
    return import_module(f"sqlalchemy.dialects.{session.get_bind().dialect.name}")


def insert_many(session: Session, entity: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that have a value for every column.

    Several times as fast as the ORM or `insert(table)`: a sync writes a hundred thousand.
    """
    statement, pick, fits = _insertion(table_of(entity), session.get_bind().dialect)
    values = [list(pick(row)) for row in rows]
    for at, fit in fits:
        for value in values:
            # None and empty collections are stored as NULL.
            value[at] = fit(value[at]) if value[at] or value[at] is False else None
    # Drivers expect a list of tuples here; a list of lists would be one row.
    session.connection().exec_driver_sql(statement, [tuple(value) for value in values])


@cache
def _insertion(
    table: Table[Any], dialect: Dialect
) -> tuple[str, Callable[[Any], tuple[Any, ...]], list[tuple[int, Callable[[Any], Any]]]]:
    """The statement in the driver's style, a getter for a row's values, and converters for some of
    them, by position."""
    columns = list(table.columns)
    marks = ", ".join(["?" if dialect.name == "sqlite" else "%s"] * len(columns))
    fits = [c.type.dialect_impl(dialect).bind_processor(dialect) for c in columns]
    names = ", ".join(c.name for c in columns)
    # Every name in it is one of our own tables'.
    statement = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"  # noqa: S608
    needed = [(at, fit) for at, fit in enumerate(fits) if fit]
    return statement, itemgetter(*(c.name for c in columns)), needed


def lock(session: Session, entity: type[Base], id: int) -> None:
    """Lock a row until the transaction ends, so that what is counted next stays true.

    SQLite has no locks of rows: there the write holds the whole database, for a moment.
    """
    table = table_of(entity)
    session.execute(table.update().where(table.c.id == id).values(id=id))


def chunks(items: Iterable[Any], size: int = 1000) -> Iterator[list[Any]]:
    """`items` in lists small enough for one statement, each taken when it is asked for."""
    remaining = iter(items)
    while some := list(islice(remaining, size)):
        yield some
