"""Migrations by Alembic, from any released schema to the newest one: all of them or none.

Import it only to make or change tables, as Alembic takes a while to load.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, text

from . import migrations, revisions
from .revisions import PREFIX, VERSION_TABLE, revision_of

LOCK = text("SELECT pg_advisory_xact_lock(hashtext(:name))").bindparams(name=VERSION_TABLE)
# Wait as long as another upgrade may take. Without foreign keys, a table that is made anew can be
# dropped without its referring rows (https://sqlite.org/lang_altertable.html#otheralter).
PRAGMAS = {"busy_timeout": 600_000, "foreign_keys": 0}

COMMITS_WITHIN = 2000  # milliseconds
APART = (VERSION_TABLE, "people_index")


@contextmanager
def alone(engine: Engine) -> Iterator[Connection]:
    """One transaction for an upgrade, committed at the end. Other upgrades wait for it.

    The connection has the same settings afterwards.
    """
    if engine.dialect.name == "sqlite":
        with _on_sqlite(engine) as connection:
            yield connection
        return
    # After waiting, see what the other upgrade did.
    with engine.connect().execution_options(isolation_level="READ COMMITTED") as connection:
        connection.execute(LOCK)
        yield connection
        connection.commit()


@contextmanager
def _on_sqlite(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as connection:
        _begin_nothing(connection)
        run = connection.exec_driver_sql
        were = {name: run(f"PRAGMA {name}").scalar() for name in PRAGMAS}
        try:
            _set(connection, PRAGMAS)
            # Lock before reading, so that nothing changes before the write.
            run("BEGIN IMMEDIATE")
            numbers = _numbers(connection)
            yield connection
            _keep_counting(connection, numbers)
            # While the commit waits for readers, no other reader can start: give up soon.
            run(f"PRAGMA busy_timeout={COMMITS_WITHIN}")
            connection.commit()
        finally:
            connection.rollback()
            _begin_nothing(connection)
            _set(connection, were)


def _begin_nothing(connection: Connection) -> None:
    """End a transaction that a host's driver began: PRAGMA and BEGIN have no effect in it."""
    connection.begin()
    if connection.connection.dbapi_connection.in_transaction:  # type: ignore[union-attr]
        connection.exec_driver_sql("ROLLBACK")


def _set(connection: Connection, pragmas: Mapping[str, Any]) -> None:
    for name, value in pragmas.items():
        connection.exec_driver_sql(f"PRAGMA {name}={value}")


def _numbers(connection: Connection) -> dict[str, int]:
    """The highest id that each of our tables ever used."""
    if not inspect(connection).has_table("sqlite_sequence"):
        return {}
    rows = connection.exec_driver_sql("SELECT name, seq FROM sqlite_sequence")
    return {name: seq for name, seq in rows if name.startswith(PREFIX)}


def _keep_counting(connection: Connection, numbers: Mapping[str, int]) -> None:
    """Restore it for tables that were made anew, or they could use an id twice."""
    there = inspect(connection)
    for number in numbers.items():
        if there.has_table(number[0]):
            run = connection.exec_driver_sql
            run("DELETE FROM sqlite_sequence WHERE name = ?", number[:1])
            run("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", number)


def config(connection: Connection | None = None) -> Config:
    """The Alembic config of our migrations, in the transaction of that connection.

    https://alembic.sqlalchemy.org/en/latest/cookbook.html#connection-sharing
    """
    config = Config(attributes={"connection": connection})
    options = {
        "script_location": migrations.__path__[0],
        "version_locations": str(revisions.VERSIONS),
        "path_separator": "newline",
        "version_path_separator": "os",  # for Alembic before 1.16
        "file_template": "%(rev)s_%(slug)s",
    }
    for name, value in options.items():
        config.set_main_option(name, value.replace("%", "%%"))
    return config


def history() -> list[tuple[str, str]]:
    """Each revision with its description, the oldest first."""
    steps = ScriptDirectory.from_config(config()).walk_revisions()
    return [(step.revision, step.doc) for step in reversed([*steps])]


def take_steps(connection: Connection) -> list[tuple[str, str]]:
    """Apply the missing revisions; returns them with their descriptions."""
    before = revision_of(connection) or ""
    command.upgrade(config(connection), "head")
    return [step for step in history() if step[0] > before]


def stamp(connection: Connection, revision: str) -> None:
    """Record the revision without changing the tables."""
    command.stamp(config(connection), revision)


def is_of_the_models(name: str | None, type_: str, parent_names: Mapping[Any, str | None]) -> bool:
    """Alembic's `include_name` for a comparison with the models: only tables with a model."""
    is_table = type_ == "table"
    return not is_table or bool(name and name.startswith(PREFIX) and not name.startswith(APART))
