"""How the package is built: its rooms, their floors, and every import that points up.

    python -m tools.rooms

A room is a folder of the package, or a module at its top. Every import counts, also one within a
function and one for types alone.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

PACKAGE = Path(__file__).parents[1] / "intranet_people"

FLOORS = (
    ("settings", "i18n", "signals", "clock", "commandline", "images", "text"),
    ("problems",),
    ("db", "sandbox"),
    ("jobs", "ldap", "calendars"),
    ("people",),
    ("state",),
    ("web", "sync", "meetings"),
    ("follows", "photos", "hellos", "signin"),
    ("search", "profiles"),
    ("home", "widgets", "operations", "check"),
    ("cli", "context"),
    ("extension",),
    ("standalone",),
    ("demo",),
)
"""From the ground up. Rooms of one floor do not import each other."""


class Arrow(NamedTuple):
    """One import, of `target` by `source`: a room each, with the place."""

    source: str
    target: str
    place: str


def arrows(package: Path = PACKAGE) -> list[Arrow]:
    """Every import of one room by another."""
    return [arrow for file in sorted(package.rglob("*.py")) for arrow in _of_file(package, file)]


def _of_file(package: Path, file: Path) -> Iterator[Arrow]:
    inner = file.relative_to(package).with_suffix("").parts
    source = inner[0]
    if source == "__init__":
        return  # hands names on
    for node in ast.walk(ast.parse(file.read_text())):
        for target in _targets(node, package.name, inner):
            if target != source:
                yield Arrow(source, target, f"{'/'.join(inner)}.py:{node.lineno}")  # type: ignore[attr-defined]


def _targets(node: ast.AST, name: str, inner: tuple[str, ...]) -> Iterator[str]:
    """The rooms that a statement imports."""
    if isinstance(node, ast.Import):
        paths = [tuple(alias.name.split(".")) for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        module = tuple(node.module.split(".")) if node.module else ()
        # A dot is the folder of the file, each further one the folder around it.
        base = (name, *inner[: len(inner) - node.level], *module) if node.level else module
        paths = [(*base, alias.name) for alias in node.names]
    else:
        return
    for path in paths:
        if path[0] == name and len(path) > 1:
            yield path[1]


def rooms(package: Path = PACKAGE) -> dict[str, int]:
    """How many modules each room has."""
    found: dict[str, int] = defaultdict(int)
    for file in package.rglob("*.py"):
        room = file.relative_to(package).with_suffix("").parts[0]
        if room != "__init__":
            found[room] += file.name != "__init__.py"
    return dict(found)


def pointing_up(found: list[Arrow]) -> list[Arrow]:
    """Those to a floor above, or to another room of the same one."""
    floor = {room: n for n, floor in enumerate(FLOORS) for room in floor}
    return [a for a in found if floor[a.target] >= floor[a.source]]


def circles(found: list[Arrow]) -> list[list[str]]:
    """The groups of rooms that reach each other."""
    below: dict[str, set[str]] = defaultdict(set)
    for arrow in found:
        below[arrow.source].add(arrow.target)
    reach = {room: _reached(room, below) for room in list(below)}
    groups = {
        frozenset({room, *(o for o in reached if room in reach.get(o, ()))})
        for room, reached in reach.items()
        if room in reached
    }
    return sorted(sorted(group) for group in groups)


def _reached(room: str, below: dict[str, set[str]]) -> set[str]:
    reached, todo = set[str](), [room]
    while todo:
        new = below.get(todo.pop(), set()) - reached
        reached |= new
        todo += new
    return reached


def main() -> None:
    found, modules = arrows(), rooms()
    up = pointing_up(found)
    pairs = {(a.source, a.target) for a in found}
    print(f"{len(modules)} rooms on {len(FLOORS)} floors, {len(pairs)} arrows between them")
    for n, floor in reversed(list(enumerate(FLOORS))):
        print(f"  {n:2}  {' · '.join(f'{room} ({modules.get(room, 0)})' for room in floor)}")
    print(f"circles: {'; '.join(' <-> '.join(c) for c in circles(found)) or 'none'}")
    print(f"arrows up or sideways: {len(up) or 'none'}")
    for arrow in up:
        print(f"  {arrow.source} -> {arrow.target}  {arrow.place}")


if __name__ == "__main__":
    main()
