"""`flask people db ...`, and what the other commands say where the tables are not right."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from flask.cli import ScriptInfo
from sqlalchemy import text

from intranet_people.db.revisions import UNRELEASED, newest

from ..conftest import COMPANY, MakeApp, plugin_of
from ..sync.conftest import command
from .upgrades import ROOT, WHAT, add, versions

__all__ = ["versions"]
UPGRADE = "flask people db upgrade"


@pytest.fixture
def empty(open_app: MakeApp, database_url: str) -> Flask:
    """The sample company over a database without tables."""
    return open_app(SQLALCHEMY_DATABASE_URI=database_url, **COMPANY)


def test_from_nothing_to_the_next_revision(empty: Flask, versions: Path) -> None:
    current = command(empty, "db", "current")
    assert (current.exit_code, current.output) == (1, f"The tables are missing: run `{UPGRADE}`.\n")
    made = command(empty, "db", "upgrade")
    assert made.exit_code == 0
    assert made.output.startswith("0001: The first tables: ")
    assert made.output.endswith("\nThe tables are up to date.\n")
    assert command(empty, "db", "upgrade").output == "The tables are up to date.\n"
    before = newest()
    current = command(empty, "db", "current")
    assert (current.exit_code, current.output) == (0, f"{before}, the newest.\n")

    number = add(versions)
    current = command(empty, "db", "current")
    assert current.exit_code == 1
    assert f"({before}; this one needs {number}): run `{UPGRADE}`" in current.output
    listed = command(empty, "db", "history").output.splitlines()
    assert listed[0] == f"{number}: {WHAT}"
    assert listed[-1].startswith("0001: The first tables: ")
    made = command(empty, "db", "upgrade")
    assert made.output == f"{number}: {WHAT}\nThe tables are up to date.\n"


def test_what_is_wrong_goes_to_stderr(empty: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    """Read from the process, as the runner of Click before 8.2 mixes both streams."""
    with pytest.raises(SystemExit):
        empty.cli.main(["people", "db", "current"], obj=ScriptInfo(create_app=lambda: empty))
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", f"The tables are missing: run `{UPGRADE}`.\n")


def test_a_newer_database(empty: Flask) -> None:
    command(empty, "db", "upgrade")
    with empty.app_context():
        session = plugin_of(empty).session
        session.execute(text("UPDATE people_alembic_version SET version_num = '0907'"))
        session.commit()
    for arguments in (("db", "upgrade"), ("db", "current"), ("sync",), ("check",)):
        ended = command(empty, *arguments)
        assert ended.exit_code == 1
        assert "a newer version: 0907" in ended.output
        assert "Install the newer Intranet People" in ended.output


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("DELETE FROM people_alembic_version", UNRELEASED),
        ("UPDATE people_alembic_version SET version_num = '9f3c'", UNRELEASED),
        ("ALTER TABLE people_sync_run DROP COLUMN kind", "lack people_sync_run.kind: restore"),
    ],
)
def test_tables_of_an_older_checkout(
    open_app: MakeApp, database_url: str, tmp_path: Path, change: str, says: str
) -> None:
    """Every command says it in one line."""
    calendars = {"PEOPLE_CALENDARS": [f"ics+file://{tmp_path}/{{handle}}.ics"]}
    app = open_app(SQLALCHEMY_DATABASE_URI=database_url, **COMPANY, **calendars)
    command(app, "db", "upgrade")
    with app.app_context():
        session = plugin_of(app).session
        session.execute(text(change))
        session.commit()
    names = (("db", "upgrade"), ("db", "current"), ("sync",), ("calendars",), ("status",))
    for arguments in names:
        ended = command(app, *arguments)
        assert (ended.exit_code, ended.output.count("\n")) == (1, 1), arguments
        assert says in ended.output
        assert "older checkout" in ended.output
    checked = command(app, "check")
    assert checked.exit_code == 1
    assert says in checked.output


def test_the_other_commands_name_it(
    open_app: MakeApp, database_url: str, versions: Path, tmp_path: Path
) -> None:
    calendars = {"PEOPLE_CALENDARS": [f"ics+file://{tmp_path}/{{handle}}.ics"]}
    app = open_app(SQLALCHEMY_DATABASE_URI=database_url, **COMPANY, **calendars)
    command(app, "db", "upgrade")
    add(versions)
    for name in ("sync", "status", "check", "calendars"):
        ended = command(app, name)
        assert ended.exit_code == 1, name
        assert UPGRADE in ended.output, name
    assert command(app, "sync", "--dry-run").exit_code == 1
    command(app, "db", "upgrade")
    assert command(app, "sync").exit_code == 0
    assert command(app, "status").exit_code == 0


def test_what_fails_is_said_in_words(empty: Flask, versions: Path) -> None:
    command(empty, "db", "upgrade")
    command(empty, "sync")
    with empty.app_context():
        session = plugin_of(empty).session
        session.execute(text("UPDATE people_person SET city = 'Oslo', name = 'Two of one'"))
        session.commit()
    add(versions)
    ended = command(empty, "db", "upgrade")
    assert ended.exit_code == 1
    assert ended.output.startswith("The database: ")
    assert "Nothing was changed." in ended.output
    assert "Traceback" not in ended.output


def test_the_group_says_what_it_is(empty: Flask) -> None:
    said = command(empty, "db", "--help").output
    assert "Create the tables, upgrade them, or show their revision." in said


@pytest.mark.process
def test_alembic_is_loaded_for_an_upgrade_alone(tmp_path: Path) -> None:
    code = """
import sys
from intranet_people.standalone import create_app
from intranet_people.demo.run import config
from pathlib import Path
app = create_app({}, **config(Path(sys.argv[1])))
run = app.test_cli_runner().invoke
print(run(args=["people", "db", "current"]).exit_code, "alembic" in sys.modules)
print(run(args=["people", "db", "upgrade"]).exit_code, "alembic" in sys.modules)
for name in [name for name in sys.modules if name.startswith("alembic")]:
    del sys.modules[name]
print(run(args=["people", "db", "upgrade"]).exit_code, "alembic" in sys.modules)
print(run(args=["people", "sync"]).exit_code, "alembic" in sys.modules)
"""
    command = (sys.executable, "-c", code, str(tmp_path))
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert said.split("\n")[:4] == ["1 False", "0 True", "0 False", "0 False"]
