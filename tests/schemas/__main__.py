"""`python -m tests.schemas new "what it does"` begins a revision of the tables, `dump` keeps what
the newest one makes, with a few rows, for the tests of all later ones."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click
from alembic import command
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

import intranet_people.extension  # noqa: F401  every table
from intranet_people.db import migrate, revisions
from intranet_people.db.upgrade import upgrade
from tests.servers.postgresql import PostgreSQL

from . import rows
from .dump import dump_sqlite, file_of, portable


@click.group()
def main() -> None:
    pass


@main.command()
@click.argument("what")
def new(what: str) -> None:
    """Write down what the models have and the tables of the newest revision have not."""
    number = f"{int(revisions.newest()) + 1:04}"
    engine = create_engine("sqlite://")
    with Session(engine) as session:
        upgrade(session)
    with engine.connect() as connection:
        command.revision(migrate.config(connection), what, autogenerate=True, rev_id=number)
    engine.dispose()
    click.echo("Look at it, run `ruff format`, then: python -m tests.schemas dump")


@main.command()
def dump() -> None:
    """Write tests/data/schemas/ for the newest revision."""
    newest, _ = migrate.history()[-1]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "people.db"
        _fill(f"sqlite:///{file}")
        _keep(newest, "sqlite", dump_sqlite(file))
    with PostgreSQL() as server:
        _fill(server.create_database("people"))
        _keep(newest, "postgresql", portable(server.dump("people")))


def _fill(url: str) -> None:
    engine = create_engine(url)
    with Session(engine) as session:
        upgrade(session)
        rows.write(session)
    engine.dispose()


def _keep(revision: str, dialect: str, sql: str) -> None:
    file = file_of(revision, dialect)
    file.write_text(sql, "utf-8")
    click.echo(f"{file}: {sql.count('INSERT INTO')} rows")


if __name__ == "__main__":
    main()
