"""A database as a file of SQL, and back again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from sqlalchemy import Engine

FOLDER = Path(__file__).parents[1] / "data" / "schemas"
SCHEMA = """
    SELECT tbl_name, name, sql FROM sqlite_master
    WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type = 'index', rowid"""
# What belongs to one server and its version, or to the program that reads it.
OF_THE_SERVER = ("--", "\\", "SET ", "SELECT pg_catalog.set_config")


def file_of(revision: str, dialect: str) -> Path:
    return FOLDER / f"{revision}.{dialect}.sql"


def released() -> list[str]:
    """The revisions that there are files of, the oldest first."""
    return sorted({file.name.partition(".")[0] for file in FOLDER.glob("*.sql")})


def dump_sqlite(file: Path, ours: bool = True) -> str:
    """Of our tables, or of all others."""
    with closing(sqlite3.connect(file)) as connection:
        return "".join(f"{statement};\n" for statement in _statements(connection, ours))


def _statements(connection: sqlite3.Connection, ours: bool) -> Iterator[str]:
    made = connection.execute(SCHEMA).fetchall()
    made = [row[1:] for row in made if row[0].startswith("people_") is ours]
    # The tables of a full-text index come with it.
    made = [(name, sql) for name, sql in made if not name.startswith("people_index_")]
    yield from (sql for _, sql in made)
    tables = [name for name, sql in made if not sql.startswith("CREATE INDEX")]
    for table in [*tables, *(["sqlite_sequence"] if ours else [])]:
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        columns += ["rowid"] if table == "people_index" else []
        names = ", ".join(f'"{column}"' for column in columns)
        quoted = ", ".join(f'quote("{column}")' for column in columns)
        for row in connection.execute(f"SELECT {quoted} FROM {table} ORDER BY rowid").fetchall():
            if table == "sqlite_sequence":
                yield f"DELETE FROM {table} WHERE name = {row[0]}"
            yield f"INSERT INTO {table} ({names}) VALUES ({', '.join(row)})"


def portable(dump: str) -> str:
    """That of pg_dump, for any version of the server."""
    lines = [line for line in dump.splitlines() if line and not line.startswith(OF_THE_SERVER)]
    return "".join(f"{line}\n" for line in lines)


def load(engine: Engine, revision: str) -> None:
    sql = file_of(revision, engine.dialect.name).read_text("utf-8")
    raw = engine.raw_connection()
    if engine.dialect.name == "sqlite":
        raw.driver_connection.executescript(sql)  # type: ignore[union-attr]
    else:
        raw.cursor().execute(sql)
    raw.commit()
    raw.close()
