"""A host's own tables and migrations beside ours: nobody touches the other's."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, MetaData, Table, create_engine, inspect, text
from sqlalchemy.orm import Session

from intranet_people import include_name
from intranet_people.db.revisions import what_is_wrong
from intranet_people.db.upgrade import upgrade

from .. import SECRET_KEY
from ..conftest import COMPANY
from ..schemas.dump import dump_sqlite
from ..servers.postgresql import PostgreSQL
from .upgrades import ROOT, add, versions

__all__ = ["versions"]
OF_THE_HOST = """
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY);
INSERT INTO alembic_version VALUES ('0001');
CREATE TABLE room (id INTEGER PRIMARY KEY, name VARCHAR(20) DEFAULT 'Elbe 1.07');
CREATE TABLE booking (room_id INTEGER REFERENCES room (id) ON DELETE CASCADE, who VARCHAR(20));
CREATE INDEX ix_booking_who ON booking (who) WHERE who IS NOT NULL;
INSERT INTO room VALUES (1, 'Elbe 1.07'), (2, 'Harbour 2.15');
INSERT INTO booking VALUES (1, 'alice'), (2, 'dana')
"""


def test_nothing_of_the_host_is_changed(
    backend: str, database_url: str, versions: Path, request: pytest.FixtureRequest
) -> None:
    engine = create_engine(database_url)
    with engine.begin() as connection:
        for statement in OF_THE_HOST.split(";"):
            connection.exec_driver_sql(statement)
        if backend == "sqlite":
            # As SQLite itself allows it, where nobody asks it to look.
            connection.exec_driver_sql("INSERT INTO booking VALUES (99, 'bob')")

    def dumped() -> str:
        name = str(engine.url.database)
        if backend == "sqlite":
            return dump_sqlite(Path(name), ours=False)
        server: PostgreSQL = request.getfixturevalue("postgresql")
        dump = server.dump(name, "--exclude-table=people_*")
        # Newer ones begin and end with a word that is another each time.
        return re.sub(r"(?m)^\\(un)?restrict .*$", "", dump)

    before = dumped()
    assert "Harbour 2.15" in before
    with Session(engine) as session:
        upgrade(session)
        add(versions)
        upgrade(session)
        assert what_is_wrong(session.connection()) is None
    assert dumped() == before
    engine.dispose()


def test_include_name_leaves_out_ours_alone(database_url: str) -> None:
    """With the metadata of nobody: a host's tables are all that would be dropped."""
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    engine = create_engine(database_url)
    with engine.begin() as connection:
        for statement in OF_THE_HOST.split(";"):
            connection.exec_driver_sql(statement)
    with Session(engine) as session:
        upgrade(session)

    def dropped(connection: Connection, **options: Any) -> set[str]:
        context = MigrationContext.configure(connection, opts=options)
        found = compare_metadata(context, MetaData())
        return {f[1].name for f in found if f[0] == "remove_table" and isinstance(f[1], Table)}

    with engine.connect() as connection:
        assert dropped(connection, include_name=include_name) == {"room", "booking"}
        assert "people_person" in dropped(connection)
    engine.dispose()


def test_include_name() -> None:
    assert not include_name("people_person", "table", {"schema_name": None})
    assert not include_name("people_index_data", "table", {"schema_name": None})
    assert not include_name("ix_people_person_mail", "index", {"table_name": "people_person"})
    assert include_name("peoples", "table", {"schema_name": None})
    assert include_name("ix_room_name", "index", {"table_name": "room"})
    assert include_name(None, "schema", {})


HOST = """
import os
from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from intranet_people import IntranetPeople, include_name

db = SQLAlchemy()

class Room(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(20), index=True)
    # more

def create_app():
    app = Flask("intranet")
    app.config.from_prefixed_env("HOST", loads=lambda text: __import__("json").loads(text))
    db.init_app(app)
    Migrate(app, db, include_name=include_name)
    IntranetPeople(app, viewer=lambda: None)
    return app
"""


class Host:
    """A host in a folder of its own, with Flask-Migrate; `flask` runs its commands."""

    def __init__(self, folder: Path, url: str) -> None:
        import json

        self.folder = folder
        settings = COMPANY | {"SECRET_KEY": SECRET_KEY, "SQLALCHEMY_DATABASE_URI": url}
        self.environment = os.environ | {f"HOST_{k}": json.dumps(v) for k, v in settings.items()}
        self.environment["PYTHONPATH"] = str(ROOT)
        (folder / "app.py").write_text(HOST)

    def flask(self, *arguments: str) -> str:
        command = (sys.executable, "-m", "flask", "--app", "app", *arguments)
        ended = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout + ended.stderr

    def proposed(self, message: str) -> list[str]:
        """What the newest migration of the host would do, a word each."""
        self.flask("db", "migrate", "-m", message)
        (file,) = (self.folder / "migrations" / "versions").glob(f"*_{message}.py")
        body = file.read_text().partition("def upgrade():")[2].partition("def downgrade")[0]
        assert "people" not in file.read_text()
        return re.findall(r"(?:op|batch_op)\.(\w+)\(", body)


@pytest.mark.process
def test_with_flask_migrate(database_url: str, tmp_path: Path) -> None:
    folder = tmp_path / "host"
    folder.mkdir()
    host = Host(folder, database_url)
    host.flask("people", "db", "upgrade")
    host.flask("db", "init")
    assert host.proposed("rooms") == ["create_table", "batch_alter_table", "create_index", "f"]
    host.flask("db", "upgrade")
    assert "No changes in schema detected" in host.flask("db", "migrate")
    app = folder / "app.py"
    app.write_text(HOST.replace("# more", "seats = db.Column(db.Integer)"))
    assert host.proposed("seats") == ["batch_alter_table", "add_column"]
    host.flask("db", "upgrade")

    assert "The tables are up to date." in host.flask("people", "db", "upgrade")
    assert "the newest" in host.flask("people", "db", "current")
    engine = create_engine(database_url)
    assert {c["name"] for c in inspect(engine).get_columns("room")} == {"id", "name", "seats"}
    with engine.connect() as connection:
        both = ("alembic_version", "people_alembic_version")
        numbers = [
            connection.scalar(text(f"SELECT count(*) FROM {t} WHERE version_num <> ''"))
            for t in both
        ]
        assert numbers == [1, 1]
    engine.dispose()
