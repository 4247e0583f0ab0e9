"""The base of our tables: metadata of our own, apart from a host's."""

from __future__ import annotations

from typing import cast

from sqlalchemy import (
    Index,
    MetaData,
    Table,
    text,
)
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    """Our own metadata: nothing of it mixes with a host's."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def index_where(condition: str, *columns: str) -> Index:
    """An index of some rows only."""
    where = text(condition)
    return Index(None, *columns, sqlite_where=where, postgresql_where=where)


def table_of(entity: type[Base]) -> Table:
    return cast(Table, entity.__table__)
