"""Column types: the same on SQLite and PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    DateTime,
    Dialect,
    String,
    TypeDecorator,
)

from ..problems import Problem

# Sorts by code point on PostgreSQL as on SQLite, so that a prefix is a range of an index.
CodePointString = String().with_variant(String(collation="C"), "postgresql")


class UTCDateTime(TypeDecorator[datetime]):
    """An aware datetime in UTC. SQLite stores no zone; it is added again when read."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        return value.replace(tzinfo=UTC) if value and not value.tzinfo else value


class JSONCollection(TypeDecorator[Any]):
    """A list or dict as JSON; an empty one, the usual case, is stored as NULL."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def __init__(self, kind: type[list[Any]] | type[dict[str, Any]] = list) -> None:
        super().__init__()
        self.kind = kind

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        if dialect.name != "sqlite" or self.kind is dict:
            return super().bind_processor(dialect)
        # For a list json.dumps makes an encoder first, which takes longer than the texts in it.
        return lambda texts: f"[{', '.join(map(json.dumps, texts))}]" if texts else None

    def process_bind_param(self, value: Any, dialect: Any) -> Any:
        return value or None

    def process_result_value(self, value: Any, dialect: Any) -> Any:
        return value or self.kind()


class StoredProblem(TypeDecorator[Problem]):
    """A Problem as JSON: its code, subject and detail."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: Problem | None, dialect: Any) -> Any:
        return list(value) if value else None

    def process_result_value(self, value: Any, dialect: Any) -> Problem | None:
        return Problem(*value) if value else None


class StoredProblems(TypeDecorator[list[Problem]]):
    """A list of Problems; an empty one, the usual case, is stored as NULL."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: Sequence[Problem] | None, dialect: Any) -> Any:
        return [list(problem) for problem in value or ()] or None

    def process_result_value(self, value: Any, dialect: Any) -> list[Problem]:
        return [Problem(*problem) for problem in value or ()]
