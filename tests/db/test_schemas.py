"""From every released schema to the models of today: `python -m tests.schemas dump` adds one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from click.testing import CliRunner
from sqlalchemy import Column, Engine, Index, Integer, create_engine, inspect, text
from sqlalchemy.orm import Session

from intranet_people.db import migrate, revisions
from intranet_people.db.base import Base, table_of
from intranet_people.db.types import UTCDateTime
from intranet_people.db.upgrade import upgrade
from intranet_people.people import index
from intranet_people.people.person import Person
from intranet_people.search.query import search

from ..schemas.__main__ import new
from ..schemas.compare import described, differences
from ..schemas.dump import file_of, load, released
from ..schemas.rows import INES
from .upgrades import engine, session, versions

__all__ = ["engine", "session", "versions"]
OURS = "people_"


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
)
def of_the_models(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Any]]:
    """The dialect, and what its schema is where the models make it."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('models') / 'people.db'}"
    else:
        url = request.getfixturevalue("postgresql").create_database("models")
    engine = create_engine(url)
    Base.metadata.create_all(engine)
    yield request.param, described(engine)
    engine.dispose()


def rows_of(engine: Engine, columns: dict[str, list[str]]) -> dict[str, list[Any]]:
    """Every row, by table, of those columns."""
    with engine.connect() as connection:
        queries = {t: _query(t, names) for t, names in columns.items()}
        return {
            t: sorted(map(repr, connection.exec_driver_sql(query))) for t, query in queries.items()
        }


def _query(table: str, columns: list[str]) -> str:
    names = ", ".join(f'"{column}"' for column in columns)
    return f"SELECT {names} FROM {table}"


def columns_of(engine: Engine) -> dict[str, list[str]]:
    there = inspect(engine)
    names = [n for n in there.get_table_names() if n.startswith(OURS) and "_index_" not in n]
    return {
        n: [c["name"] for c in there.get_columns(n)] for n in names if n != revisions.VERSION_TABLE
    }


@pytest.mark.parametrize("revision", released())
def test_from_every_released_schema(session: Session, engine: Engine, revision: str) -> None:
    load(engine, revision)
    before = columns_of(engine)
    assert {table for table, rows in rows_of(engine, before).items() if not rows} == set()
    kept = rows_of(engine, before)
    steps = upgrade(session)
    assert [step for step, _ in steps] == [r for r in revisions.known() if r > revision]
    # What a revision takes away on purpose is to be named here.
    assert rows_of(engine, before) == kept
    with engine.connect() as connection:
        assert differences(connection) == []
        assert revisions.what_is_wrong(connection) is None


@pytest.mark.parametrize("revision", released())
def test_what_comes_of_it_works(session: Session, engine: Engine, revision: str) -> None:
    load(engine, revision)
    upgrade(session)
    assert [hit.person.handle for hit in search(session, Person(id=0), "whit")] == ["dana"]
    assert [hit.person.handle for hit in search(session, Person(id=0), "liddell optics")] == [
        "alice"
    ]
    alice = session.get_one(Person, 1)
    assert (alice.teams, alice.extra) == (["Optics", "Lab"], {"Parking": ["7", "8"]})
    names = {column.name for column in table_of(Person).columns} - {"id"}
    facts = {name: getattr(alice, name) for name in names}
    amina = Person(**facts | {"handle": "amina", "directory_id": "id-amina"})
    session.add(amina)
    session.flush()
    assert amina.id > INES, "who was erased leaves their number to nobody"
    index.write(session, [(amina.id, "amina okafor", "", "", "")])
    session.commit()
    assert [hit.person.handle for hit in search(session, Person(id=0), "oka")] == ["amina"]


@pytest.mark.parametrize("revision", [None, *released()])
def test_is_what_the_models_are(
    of_the_models: tuple[str, Any], revision: str | None, request: pytest.FixtureRequest
) -> None:
    """To every type, default, collation, key and index; the order of the columns may differ."""
    dialect, models = of_the_models
    engine = _empty(dialect, request)
    if revision:
        load(engine, revision)
    with Session(engine) as session:
        upgrade(session)
    assert described(engine) == models
    engine.dispose()


def _empty(dialect: str, request: pytest.FixtureRequest) -> Engine:
    if dialect == "sqlite":
        return create_engine(f"sqlite:///{request.getfixturevalue('tmp_path') / 'people.db'}")
    name = f"people_{abs(hash(request.node.name))}"
    return create_engine(request.getfixturevalue("postgresql").create_database(name))


@pytest.mark.parametrize("revision", released())
def test_a_released_revision_is_never_edited(
    session: Session, engine: Engine, revision: str
) -> None:
    """It still makes, from nothing, what it made when it was dumped."""
    with migrate.alone(engine) as connection:
        command.upgrade(migrate.config(connection), revision)
    made = described(engine)
    for table in columns_of(engine):
        session.execute(text(f"DROP TABLE {table}{' CASCADE' * (engine.name == 'postgresql')}"))
    session.execute(text(f"DROP TABLE {revisions.VERSION_TABLE}"))
    session.commit()
    assert described(engine) == []
    load(engine, revision)
    assert described(engine) == made


def test_every_revision_is_dumped() -> None:
    assert released() == revisions.known()
    assert all(file_of(r, d).exists() for r in released() for d in ("sqlite", "postgresql"))


def test_files_and_revisions_go_by_one_number() -> None:
    listed = migrate.history()
    assert [revision for revision, _ in listed] == revisions.known()
    assert ScriptDirectory.from_config(migrate.config()).get_heads() == [revisions.newest()]
    assert [what for _, what in listed if not what.endswith(".")] == []


def test_a_revision_imports_nothing_of_ours() -> None:
    for file in Path(revisions.VERSIONS).glob("*.py"):
        assert "intranet_people" not in file.read_text(), file
        assert "from ." not in file.read_text(), file


def test_a_model_that_changes_alone_is_noticed(session: Session, engine: Engine) -> None:
    upgrade(session)
    person = table_of(Person)
    with engine.connect() as connection:
        assert differences(connection) == []
        fresh: Column[int] = Column("shoes", Integer, nullable=True)
        person.append_column(fresh)
        made = Index("ix_people_person_city", person.c.city)
        try:
            found = repr(differences(connection))
        finally:
            person.indexes.discard(made)
            person._columns.remove(fresh)
        assert "add_column" in found
        assert "ix_people_person_city" in found
        assert differences(connection) == []


def test_the_next_revision_is_written_from_the_models(
    session: Session, engine: Engine, versions: Path
) -> None:
    """`python -m tests.schemas new`, for both databases, with types as the database has them."""
    person = table_of(Person)
    fresh: Column[Any] = Column("greeted_at", UTCDateTime, nullable=True)
    person.append_column(fresh)
    try:
        said = CliRunner().invoke(new, ["When they were greeted."], catch_exceptions=False)
        assert "python -m tests.schemas dump" in said.output
        upgrade(session)
        with engine.connect() as connection:
            assert differences(connection) == []
    finally:
        person._columns.remove(fresh)
    written = (versions / f"{revisions.newest()}_when_they_were_greeted.py").read_text()
    assert "sa.DateTime(timezone=True)" in written
    assert migrate.history()[-1] == (revisions.newest(), "When they were greeted.")
