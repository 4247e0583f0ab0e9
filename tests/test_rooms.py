"""The house as it is drawn: every import points down, and none goes in a circle."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools.rooms import FLOORS, PACKAGE, Arrow, arrows, circles, pointing_up, rooms

ROOT = Path(__file__).parents[1]


def test_every_room_has_a_floor() -> None:
    assert set(rooms()) == {room for floor in FLOORS for room in floor}


def test_every_import_points_down() -> None:
    assert pointing_up(arrows()) == []


def test_there_is_no_circle() -> None:
    assert circles(arrows()) == []


def test_every_room_has_tests_of_its_name() -> None:
    folders = {p.parent.name for p in PACKAGE.glob("*/__init__.py")}
    assert {f for f in folders if not list((ROOT / "tests" / f).glob("test_*.py"))} == set()


def test_local_imports_and_those_for_types_count(tmp_path: Path) -> None:
    package = tmp_path / "house"
    (package / "people").mkdir(parents=True)
    (package / "people" / "person.py").write_text(
        "from typing import TYPE_CHECKING\n"
        "import house.text\n"
        "from . import index\n"
        "if TYPE_CHECKING:\n    from ..web import viewer\n"
        "def f():\n    from ..web.render import render\n    from .. import state\n"
    )
    found = [(a.source, a.target) for a in arrows(package)]
    assert sorted(found) == [
        ("people", "state"),
        ("people", "text"),
        ("people", "web"),
        ("people", "web"),
    ]


def test_a_circle_and_an_arrow_up_are_seen() -> None:
    found = [Arrow("web", "people", "a"), Arrow("people", "web", "b"), Arrow("web", "sync", "c")]
    assert circles(found) == [["people", "web"]]
    assert [(a.source, a.target) for a in pointing_up(found)] == [
        ("people", "web"),
        ("web", "sync"),
    ]


@pytest.mark.parametrize("room", ["ldap", "calendars"])
def test_what_reads_from_outside_knows_neither_flask_nor_sql(room: str) -> None:
    assert importing(r"flask\w*|sqlalchemy", PACKAGE / room) == []


@pytest.mark.parametrize("room", ["db", "jobs", "people", "sync", "meetings"])
def test_what_keeps_rows_knows_no_request(room: str) -> None:
    for file in sorted((PACKAGE / room).rglob("*.py")):
        names = re.findall(r"^from flask import (.+)$", file.read_text(), re.M)
        used = {name.strip() for line in names for name in line.split(",")}
        assert used <= {"Flask", "current_app"}, file


def test_ldap3_stays_in_one_folder() -> None:
    inside = importing("ldap3", PACKAGE / "ldap/client")
    assert inside
    assert importing("ldap3", PACKAGE) == inside


def importing(module: str, folder: Path) -> list[str]:
    pattern = re.compile(rf"^\s*(import|from) ({module})\b", re.M)
    return sorted(p.name for p in folder.rglob("*.py") if pattern.search(p.read_text()))
