"""The upgrade: from nothing, and by the next revision over rows that are there."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect, text
from sqlalchemy.orm import Session

from intranet_people.db import revisions
from intranet_people.db.base import Base
from intranet_people.db.revisions import MISSING
from intranet_people.db.upgrade import upgrade

from ..schemas import rows
from ..schemas.compare import described
from ..schemas.dump import load, released
from .upgrades import add, engine, session, versions, wrong

__all__ = ["engine", "session", "versions"]


def test_from_nothing_and_again(session: Session, engine: Engine) -> None:
    assert wrong(engine) == MISSING == "The tables are missing: run `flask people db upgrade`."
    assert [step for step, _ in upgrade(session)] == revisions.known()
    assert wrong(engine) is None
    assert upgrade(session) == []


def test_a_number_without_tables_is_nothing(session: Session, engine: Engine) -> None:
    upgrade(session)
    Base.metadata.drop_all(engine)
    assert wrong(engine) == MISSING
    assert [step for step, _ in upgrade(session)] == revisions.known()


@pytest.mark.parametrize("revision", released())
def test_the_next_revision_over_existing_rows(
    session: Session, engine: Engine, versions: Path, revision: str
) -> None:
    """A column and an index, and for SQLite a table that is made anew."""
    load(engine, revision)
    upgrade(session)
    follows = session.execute(text("SELECT * FROM people_follow ORDER BY 1, 2")).all()
    number = add(versions)
    assert f"needs {number}): run `flask people db upgrade`" in (wrong(engine) or "")
    assert upgrade(session) == [(number, "Shoes, and no two people of one name in a city.")]
    assert wrong(engine) is None
    shoes = session.execute(text("SELECT shoes, title FROM people_person WHERE handle = 'alice'"))
    assert shoes.one() == (42, "Optical Engineer")
    assert session.execute(text("SELECT * FROM people_follow ORDER BY 1, 2")).all() == follows
    there = inspect(engine)
    (made,) = [i for i in there.get_indexes("people_person") if i["name"].endswith("_city_name")]  # type: ignore[union-attr]
    assert made["unique"]
    columns = {c["name"]: c["nullable"] for c in there.get_columns("people_person")}
    assert columns["title"]
    assert not columns["shoes"]


def test_a_table_that_is_made_anew_is_as_before(
    session: Session, engine: Engine, versions: Path
) -> None:
    """But for what the revision says: its keys, its partial indexes, the number of who is next."""
    upgrade(session)
    rows.write(session)
    before = described(engine)
    add(versions)
    upgrade(session)
    gone = [fact for fact in before if fact not in described(engine)]
    assert all("title" in fact for fact in gone), gone
    _insert_like_dana(session)
    numbers = session.execute(text("SELECT max(id) FROM people_person")).scalar_one()
    assert numbers == rows.INES + 1


def _insert_like_dana(session: Session) -> None:
    columns = [c["name"] for c in inspect(session.connection()).get_columns("people_person")]
    names = ", ".join(c for c in columns if c != "id")
    values = names
    for unique in ("directory_id", "handle", "city"):
        values = values.replace(unique, f"'amina' AS {unique}")
    query = f"SELECT {values} FROM people_person WHERE handle = 'dana'"
    session.execute(text(f"INSERT INTO people_person ({names}) {query}"))
    session.commit()
