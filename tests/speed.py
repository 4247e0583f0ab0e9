"""What makes hundreds of apps cheap: what each would compile for itself is compiled once."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from types import CodeType
from typing import Any

import pytest
from jinja2 import Environment
from sqlalchemy import Connection, Engine, event
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule


def pytest_collection_finish() -> None:
    """What is loaded now stays, so that the garbage collector need not look through it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


@pytest.fixture(scope="session", autouse=True)
def compile_templates_once() -> Iterator[None]:
    """Compiling a template takes longer than most tests."""
    compile_template: Callable[..., CodeType | str] = Environment.compile
    compiled: dict[tuple[object, ...], CodeType | str] = {}

    def compile_once(
        env: Environment, source: Any, name: str | None = None, *rest: Any, **options: Any
    ) -> CodeType | str:
        escapes = env.autoescape(name) if callable(env.autoescape) else env.autoescape
        options_of_env = (env.lexer, *sorted(env.extensions), escapes)
        key = (source, name, *rest, *sorted(options.items()), *options_of_env)
        if key not in compiled:
            compiled[key] = compile_template(env, source, name, *rest, **options)
        return compiled[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Environment, "compile", compile_once)
        yield


@pytest.fixture(scope="session", autouse=True)
def compile_addresses_once() -> Iterator[None]:
    """Werkzeug compiles two functions for each address of an app, which put URLs together."""
    compile_builder: Callable[..., Callable[..., tuple[str, str]]] = Rule._compile_builder
    compiled: dict[tuple[object, ...], Callable[..., tuple[str, str]]] = {}

    def compile_once(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        # The function asks the converters of the rule that calls it, but for its defaults.
        if rule.defaults:
            return compile_builder(rule, append_unknown)
        key = (rule.rule, *rule._trace, append_unknown)
        if key not in compiled:
            compiled[key] = compile_builder(rule, append_unknown)
        return compiled[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", compile_once)
        yield


@pytest.fixture(scope="session", autouse=True)
def compile_statements_once() -> Iterator[None]:
    """SQLAlchemy compiles each statement once for an engine, and every app has one of its own."""
    compiled: LRUCache[Any, Any] = LRUCache(2000)

    def share(connection: Connection) -> None:
        if isinstance(connection.dialect, SQLiteDialect_pysqlite):
            connection.engine._compiled_cache = compiled

    with pytest.MonkeyPatch.context() as patch:
        # What is compiled is kept by the dialect, and those of SQLite are all alike here.
        patch.setattr(SQLiteDialect_pysqlite, "__eq__", lambda one, two: type(one) is type(two))
        patch.setattr(SQLiteDialect_pysqlite, "__hash__", lambda one: hash(type(one)))
        event.listen(Engine, "engine_connect", share)
        yield
        event.remove(Engine, "engine_connect", share)
