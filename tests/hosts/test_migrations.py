"""Migrations of the host's own: autogenerate knows nothing of our tables."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import inspect, text

from intranet_people import include_name

from ..conftest import COMPANY
from .conftest import MakeHost
from .known import HOSTS
from .migrating import app as harbour

ROOT = Path(__file__).parents[2]


@pytest.fixture
def app(move_in: MakeHost) -> Flask:
    """The harbour office, whose tables and ours are in one database."""
    return move_in(next(h for h in HOSTS if h.name == "migrating"))


def differences(app: Flask, include_name: object) -> list[object]:
    with app.app_context(), harbour.db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": include_name})
        return list(compare_metadata(context, harbour.db.metadata))


def test_autogenerate_proposes_nothing(app: Flask) -> None:
    assert differences(app, include_name) == []
    proposed = str(differences(app, None))
    assert "people_person" in proposed, "without include_name it would drop our tables"


def flask(app: Flask, *arguments: str) -> None:
    """As the host runs it: Flask-Migrate's env.py sets up logging for the whole process."""
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    settings = {"SQLALCHEMY_DATABASE_URI": url, **COMPANY}
    known = ", ".join(f"{name}={value!r}" for name, value in settings.items())
    made = f"tests.hosts.migrating.app:create_app({known})"
    command = [sys.executable, "-m", "flask", "--app", made, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.process
def test_its_own_migrations_run_beside_ours(app: Flask, tmp_path: Path) -> None:
    """`flask db init`, `migrate` and `upgrade`, for a table that is new."""
    folder = str(tmp_path / "migrations")
    with app.app_context():
        harbour.Ship.__table__.drop(harbour.db.engine)
    flask(app, "db", "init", "--directory", folder)
    flask(app, "db", "migrate", "--directory", folder)
    (script,) = Path(folder, "versions").glob("*.py")
    flask(app, "db", "upgrade", "--directory", folder)
    with app.app_context():
        tables = inspect(harbour.db.engine).get_table_names()
    assert "op.create_table('ship'" in script.read_text()
    assert "people_" not in script.read_text()
    assert {"ship", "user", "alembic_version", "people_person"} <= set(tables)


def test_ours_leave_its_tables_alone(app: Flask) -> None:
    with app.app_context(), harbour.db.engine.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('theirs')"))
    done = app.test_cli_runner().invoke(args=["people", "db", "upgrade"])
    assert done.exit_code == 0, done.output
    with app.app_context(), harbour.db.engine.connect() as connection:
        versions = connection.execute(text("SELECT version_num FROM alembic_version")).all()
    assert [v for (v,) in versions] == ["theirs"]
    assert not [d for d in differences(app, include_name) if "alembic" not in str(d)]
