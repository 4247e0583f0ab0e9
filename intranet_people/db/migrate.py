"""The steps from any released schema to the newest one, by Alembic: all of them or none.

Imported where tables are made or changed alone, as Alembic takes a while to load.
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
# As long as another upgrade may take; and a table that is made anew may be dropped without
# taking along whoever refers to it (https://sqlite.org/lang_altertable.html#otheralter).
PRAGMAS = {"busy_timeout": 600_000, "foreign_keys": 0}

COMMITS_WITHIN = 2000  # milliseconds
APART = (VERSION_TABLE, "people_index")


@contextmanager
def alone(engine: Engine) -> Iterator[Connection]:
    """One transaction, committed at the end; another upgrade waits until then, or we for it.

    On a connection whose settings are the same afterwards.
    """
    if engine.dialect.name == "sqlite":
        with _on_sqlite(engine) as connection:
            yield connection
        return
    # Whoever had to wait sees what the other one did.
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
            # Before the first look: what is read is still so when it is written.
            run("BEGIN IMMEDIATE")
            numbers = _numbers(connection)
            yield connection
            _keep_counting(connection, numbers)
            # While it waits for who still reads, nobody else can begin to: rather none of it.
            run(f"PRAGMA busy_timeout={COMMITS_WITHIN}")
            connection.commit()
        finally:
            connection.rollback()
            _begin_nothing(connection)
            _set(connection, were)


def _begin_nothing(connection: Connection) -> None:
    """Ends what a host's driver has begun by itself, within which no PRAGMA and no BEGIN counts."""
    connection.begin()
    if connection.connection.dbapi_connection.in_transaction:  # type: ignore[union-attr]
        connection.exec_driver_sql("ROLLBACK")


def _set(connection: Connection, pragmas: Mapping[str, Any]) -> None:
    for name, value in pragmas.items():
        connection.exec_driver_sql(f"PRAGMA {name}={value}")


def _numbers(connection: Connection) -> dict[str, int]:
    """The last number that each of our tables ever gave to a row."""
    if not inspect(connection).has_table("sqlite_sequence"):
        return {}
    rows = connection.exec_driver_sql("SELECT name, seq FROM sqlite_sequence")
    return {name: seq for name, seq in rows if name.startswith(PREFIX)}


def _keep_counting(connection: Connection, numbers: Mapping[str, int]) -> None:
    """A table that was made anew would begin behind its last row: a number would come twice."""
    there = inspect(connection)
    for number in numbers.items():
        if there.has_table(number[0]):
            run = connection.exec_driver_sql
            run("DELETE FROM sqlite_sequence WHERE name = ?", number[:1])
            run("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", number)


def config(connection: Connection | None = None) -> Config:
    """Of our own migrations, over that connection and within its transaction.

    https://alembic.sqlalchemy.org/en/latest/cookbook.html#connection-sharing
    """
    config = Config(attributes={"connection": connection})
    options = {
        "script_location": migrations.__path__[0],
        "version_locations": str(revisions.VERSIONS),
        "path_separator": "newline",
        "version_path_separator": "os",  # what Alembic before 1.16 asks for
        "file_template": "%(rev)s_%(slug)s",
    }
    for name, value in options.items():
        config.set_main_option(name, value.replace("%", "%%"))
    return config


def history() -> list[tuple[str, str]]:
    """Each revision with what it does, the oldest first."""
    steps = ScriptDirectory.from_config(config()).walk_revisions()
    return [(step.revision, step.doc) for step in reversed([*steps])]


def take_steps(connection: Connection) -> list[tuple[str, str]]:
    """Those that are missing: each with what it does."""
    before = revision_of(connection) or ""
    command.upgrade(config(connection), "head")
    return [step for step in history() if step[0] > before]


def stamp(connection: Connection, revision: str) -> None:
    """Only says that the tables are of that revision."""
    command.stamp(config(connection), revision)


def is_of_the_models(name: str | None, type_: str, parent_names: Mapping[Any, str | None]) -> bool:
    """For a comparison with the models: not the tables of a host, nor those that have no model."""
    is_table = type_ == "table"
    return not is_table or bool(name and name.startswith(PREFIX) and not name.startswith(APART))
