"""Who on a machine may read what we write: the user that the app runs as, and nobody else."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from stat import S_IMODE

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import make_url, text
from sqlalchemy.exc import OperationalError

from intranet_people.db.private_files import file_of
from intranet_people.db.upgrade import upgrade
from intranet_people.demo import run
from intranet_people.extension import IntranetPeople
from intranet_people.standalone import create_app

from .. import SECRET_KEY
from ..conftest import COMPANY, MakeApp, close, plugin_of


@pytest.fixture(params=[0o000, 0o022, 0o077], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    """Of the shell that starts the app, from careless to careful."""
    before = os.umask(request.param)
    yield request.param
    assert os.umask(before) == request.param, "it is the host's, and was touched"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the app is started, for everybody to see; pytest's own is not."""
    tmp_path.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def modes(folder: Path) -> dict[str, int]:
    """Of all that is below, by their paths."""
    return {str(p.relative_to(folder)): S_IMODE(p.stat().st_mode) for p in folder.rglob("*")}


@contextmanager
def in_use(app: Flask) -> Iterator[None]:
    """With tables, and while something is being written: then SQLite has files beside the first."""
    with app.app_context():
        session = plugin_of(app).session
        upgrade(session)
        session.execute(text("UPDATE people_sync_state SET run_id = 1"))
        yield
        session.rollback()
    close(app)


OURS = {"people.db": 0o600, "people.db-wal": 0o600, "people.db-shm": 0o600}


def test_the_database_is_for_its_user_alone(open_app: MakeApp, umask: int, folder: Path) -> None:
    with in_use(open_app(**COMPANY)):
        below = {f"instance/{name}": mode for name, mode in OURS.items()}
        assert modes(folder) == {"instance": 0o700, **below}


@pytest.mark.parametrize("url", ["{}", "{}?timeout=20", "file:{}?uri=true"])
def test_so_it_is_where_a_setting_names_it(
    open_app: MakeApp, umask: int, folder: Path, url: str
) -> None:
    (folder / "data").mkdir(mode=0o700)
    url = "sqlite:///" + url.format(folder / "data/people.db")
    with in_use(open_app(SQLALCHEMY_DATABASE_URI=url, **COMPANY)):
        assert modes(folder / "data") == OURS


def test_so_it_is_in_a_host_that_has_no_database(umask: int, folder: Path) -> None:
    app = Flask("bakery", instance_path=str(folder / "instance"))
    app.config.update(SECRET_KEY=SECRET_KEY, **COMPANY)
    IntranetPeople(app, viewer=lambda: "tomas")
    with in_use(app):
        assert modes(folder)["instance"] == 0o700
        assert modes(folder / "instance") == OURS


def test_a_hosts_own_database_is_the_hosts_affair(folder: Path) -> None:
    before = os.umask(0o022)
    app = Flask("bakery", instance_path=str(folder / "instance"))
    app.config.update(
        SECRET_KEY=SECRET_KEY, SQLALCHEMY_DATABASE_URI="sqlite:///bakery.db", **COMPANY
    )
    SQLAlchemy(app)
    IntranetPeople(app, viewer=lambda: "tomas")
    with app.app_context():
        upgrade(plugin_of(app).session)
    os.umask(before)
    assert modes(folder)["instance"] == 0o755
    assert modes(folder)["instance/bakery.db"] == 0o644
    assert "Other users of this machine" not in checked(app)
    close(app)


def test_what_is_there_already_stays_and_is_named(open_app: MakeApp, folder: Path) -> None:
    """An operator may have opened it on purpose, as to a group that makes the backups."""
    instance = folder / "instance"
    instance.mkdir()
    instance.chmod(0o750)
    (instance / "people.db").touch()
    (instance / "people.db").chmod(0o640)
    app = open_app(**COMPANY)
    with in_use(app):
        said = checked(app)
    assert (modes(folder)["instance"], modes(folder)["instance/people.db"]) == (0o750, 0o640)
    assert f"Other users of this machine can use {instance}: its mode is 0750." in said
    assert f"> chmod 700 {instance}\n" in said
    assert f"Other users of this machine can use {instance}/people.db: its mode is 0640." in said
    assert f"> chmod 600 {instance}/people.db\n" in said
    instance.chmod(0o700)
    (instance / "people.db").chmod(0o600)
    assert "Other users of this machine" not in checked(app)


def checked(app: Flask) -> str:
    """What `flask people check` says."""
    return app.test_cli_runner().invoke(args=["people", "check"]).output


def test_a_folder_that_is_missing_is_the_operators_to_make(folder: Path) -> None:
    app = create_app(
        {}, SECRET_KEY=SECRET_KEY, SQLALCHEMY_DATABASE_URI=f"sqlite:///{folder}/no/p.db", **COMPANY
    )
    with app.app_context(), pytest.raises(OperationalError, match="unable to open database file"):
        upgrade(plugin_of(app).session)
    assert modes(folder) == {}
    close(app)


def test_a_database_in_memory_makes_no_file(open_app: MakeApp, folder: Path) -> None:
    with in_use(open_app(SQLALCHEMY_DATABASE_URI="sqlite://", **COMPANY)):
        assert modes(folder) == {}
    for url in ("sqlite:///:memory:", "sqlite:///file:people?mode=memory&uri=true"):
        assert file_of(make_url(url)) is None


def test_all_that_the_demo_keeps_is_for_its_user_alone(umask: int, folder: Path) -> None:
    app = create_app({}, **run.config(folder / "instance/demo"))
    run.prepare_calendars(folder / "instance/demo")
    with in_use(app):
        kept = modes(folder)
    assert {kept.pop(f"instance{end}") for end in ("", "/demo", "/demo/calendars")} == {0o700}
    assert {"instance/demo/secret", "instance/demo/people.db"} < set(kept)
    assert "instance/demo/calendars/dana.ics" in kept
    assert set(kept.values()) == {0o600}
