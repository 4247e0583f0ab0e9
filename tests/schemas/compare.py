"""What a schema is, as the database itself tells it: for two of them to be the same."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine

from intranet_people.db.base import Base
from intranet_people.db.migrate import is_of_the_models
from intranet_people.db.revisions import VERSION_TABLE

SQLITE_TABLES = """
    SELECT name, sql LIKE '%AUTOINCREMENT%', sql LIKE 'CREATE VIRTUAL%', sql FROM sqlite_master
    WHERE type = 'table' AND name LIKE 'people_%' AND name NOT LIKE 'people_index_%'"""
SQLITE_INDEXES = "SELECT sql FROM sqlite_master WHERE type = 'index' AND sql LIKE '% ON people_%'"
POSTGRESQL = (
    """SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
        pg_get_expr(d.adbin, d.adrelid), co.collname
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    LEFT JOIN pg_collation co ON co.oid = a.attcollation
    WHERE c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
        AND c.relname LIKE 'people_%'""",
    """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE conrelid::regclass::text LIKE 'people_%'""",
    "SELECT indexdef FROM pg_indexes WHERE tablename LIKE 'people_%'",
)
DirectoryColumns = list[tuple[Any, ...]]


def differences(connection: Connection) -> list[Any]:
    """What Alembic would change to make it as the models are."""
    options = {
        "version_table": VERSION_TABLE,
        "include_name": is_of_the_models,
        "compare_type": True,
        "compare_server_default": True,
    }
    context = MigrationContext.configure(connection, opts=options)
    found: list[Any] = compare_metadata(context, Base.metadata)
    return found


def described(engine: Engine) -> DirectoryColumns:
    """Each column, key and index of ours, in every detail but the order of columns."""
    with engine.connect() as connection:
        facts = _of_sqlite(connection) if engine.dialect.name == "sqlite" else _told(connection)
    return [fact for fact in sorted(facts, key=repr) if VERSION_TABLE not in repr(fact)]


def _told(connection: Connection) -> DirectoryColumns:
    return [tuple(row) for query in POSTGRESQL for row in connection.exec_driver_sql(_plain(query))]


def _plain(query: str) -> str:
    return query.replace("%", "%%")


def _of_sqlite(connection: Connection) -> DirectoryColumns:
    def ask(query: str) -> Iterable[tuple[Any, ...]]:
        return [tuple(row) for row in connection.exec_driver_sql(query)]

    facts: DirectoryColumns = [(sql.replace('"', ""),) for (sql,) in ask(SQLITE_INDEXES)]
    for name, counts, is_virtual, sql in ask(SQLITE_TABLES):
        facts.append((name, counts, sql if is_virtual else ""))
        facts += [(name, "column", *row[1:]) for row in ask(f"PRAGMA table_xinfo({name})")]
        facts += [(name, "refers", *row[2:]) for row in ask(f"PRAGMA foreign_key_list({name})")]
        for _, index, is_unique, origin, _ in ask(f"PRAGMA index_list({name})"):
            columns = tuple(row[2] for row in ask(f"PRAGMA index_xinfo({index})"))
            facts.append((name, "index", is_unique, origin, columns))
    return facts
