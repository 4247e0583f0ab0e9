"""Databases on the way to a next revision: one that only tests know, in a folder of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from intranet_people.db import revisions
from intranet_people.db.revisions import what_is_wrong

from ..schemas.compare import described

ROOT = Path(__file__).parents[2]
NEXT = '''"""{what}"""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{before}"


def upgrade() -> None:
    {body}
'''
WHAT = "Shoes, and no two people of one name in a city."
SHOES = """
    # SQLite changes a column by making the table anew; that keeps everything but this.
    kwargs = {"sqlite_autoincrement": True}
    with op.batch_alter_table("people_person", table_kwargs=kwargs) as person:
        person.add_column(sa.Column("shoes", sa.Integer(), nullable=False, server_default="42"))
        person.alter_column("title", existing_type=sa.String(), nullable=True)
        person.create_index("ix_people_person_city_name", ["city", "name"], unique=True)
"""
# What a container does when it starts.
UPGRADE = """
import sys
from pathlib import Path
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
import intranet_people.extension
from intranet_people.db import revisions
from intranet_people.db.upgrade import upgrade
revisions.VERSIONS = Path(sys.argv[2])
with Session(create_engine(sys.argv[1])) as session:
    print([step for step, _ in upgrade(session)])
"""


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Of an empty database."""
    engine = create_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with Session(engine) as session:
        yield session


@pytest.fixture
def versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the revisions there are, to which `add` adds one."""
    folder = tmp_path / "versions of tomorrow, 100%"
    shutil.copytree(revisions.VERSIONS, folder)
    monkeypatch.setattr(revisions, "VERSIONS", folder)
    return folder


def state(engine: Engine) -> list[Any]:
    """The schema, its number, and every person: for before and after to be compared."""
    with engine.connect() as connection:
        people = connection.execute(text("SELECT * FROM people_person ORDER BY id")).all()
        return [described(engine), revisions.revision_of(connection), people]


def wrong(engine: Engine) -> str | None:
    with engine.connect() as connection:
        return what_is_wrong(connection)


def add(folder: Path, then: str = "", body: str = SHOES) -> str:
    """The next revision, which ends with that statement; returns its number."""
    before = max(file.name[:4] for file in folder.glob("[0-9]*.py"))
    number = f"{int(before) + 1:04}"
    source = NEXT.format(what=WHAT, revision=number, before=before, body=f"{body}    {then}\n")
    (folder / f"{number}_shoes.py").write_text(source)
    return number


def start(url: str, folder: Path) -> subprocess.Popen[str]:
    """Another process that upgrades, by the revisions of that folder."""
    command = (sys.executable, "-c", UPGRADE, url, str(folder))
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=environment, text=True, stdout=pipe, stderr=pipe)
