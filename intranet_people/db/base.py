"""The declarative base of our tables, with metadata apart from the host's."""

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
    """Has its own metadata: nothing mixes with the host's."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def index_where(condition: str, *columns: str) -> Index:
    """A partial index, of the rows for which `condition` holds."""
    where = text(condition)
    return Index(None, *columns, sqlite_where=where, postgresql_where=where)


def table_of(entity: type[Base]) -> Table:
    return cast(Table, entity.__table__)
