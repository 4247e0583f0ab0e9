"""The versions that are named, tried and locked are those of pyproject.toml."""

from __future__ import annotations

import importlib.metadata
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT = PYPROJECT["project"]
CLASSIFIER = "Programming Language :: Python :: 3."
PYTHONS = [f"3.{c[len(CLASSIFIER) :]}" for c in PROJECT["classifiers"] if CLASSIFIER in c]
# gssapi and cryptography are built from source for a real KDC, and are not in lowest.txt.
EXTRAS = ("calendars", "postgresql", "serve")
DEPENDENCIES = [
    *PROJECT["dependencies"],
    *(text for name in EXTRAS for text in PROJECT["optional-dependencies"][name]),
]
GROUPS = PYPROJECT["dependency-groups"]


def applies(requirement: Requirement, python: str) -> bool:
    marker = requirement.marker
    return not marker or marker.evaluate({"python_version": python, "python_full_version": python})


def lowest(texts: list[str], python: str = PYTHONS[0]) -> dict[str, Version]:
    """The lower bounds, by canonical name; the highest where there are several."""
    found: dict[str, Version] = {}
    for requirement in map(Requirement, texts):
        if applies(requirement, python):
            bounds = [s for s in requirement.specifier if s.operator in (">=", "==")]
            assert bounds, f"{requirement} has no lower bound"
            name = canonicalize_name(requirement.name)
            versions = [Version(s.version) for s in bounds]
            found[name] = max([*versions, *([found[name]] if name in found else [])])
    return found


def locked(name: str, python: str = PYTHONS[0]) -> dict[str, Version]:
    """Every version in a lock file that is installed on that Python."""
    lines = re.findall(r"^([a-z].*?)(?: \\)?$", (ROOT / "requirements" / name).read_text(), re.M)
    asked = [r for r in map(Requirement, lines) if applies(r, python)]
    return {canonicalize_name(r.name): Version(str(r.specifier)[2:]) for r in asked}


@pytest.mark.parametrize("python", PYTHONS)
def test_lowest_txt_is_at_the_lower_bounds(python: str) -> None:
    wanted = lowest([*DEPENDENCIES, *GROUPS["build"], *GROUPS["hosts"], *GROUPS["lowest"]], python)
    there = locked("lowest.txt", python)
    differ = {n: (str(v), str(there.get(n))) for n, v in wanted.items() if there.get(n) != v}
    assert differ == {}, "remove requirements/lowest.txt, then `make lock`"


def test_the_tools_of_the_lowest_are_those_of_development() -> None:
    newest, lowest = locked("dev.txt"), locked("lowest.txt")
    for tool in ("pytest", "pytest-xdist", "playwright"):
        assert lowest[tool] == newest[tool]


def test_ldap3_is_pinned_and_locked_at_one_version() -> None:
    (pin,) = (str(r.specifier) for r in map(Requirement, DEPENDENCIES) if r.name == "ldap3")
    version = importlib.metadata.version("ldap3")
    assert pin == f"=={version}"
    for name in ("run.txt", "dev.txt", "lowest.txt"):
        assert locked(name)["ldap3"] == Version(version)


def rows() -> Iterator[tuple[str, str, str]]:
    """Name, lowest, newest: of the table below `lowest | newest tried` in docs/hosts.md."""
    text = (ROOT / "docs/hosts.md").read_text()
    _, _, table = text.partition("| lowest | newest tried |\n|---|---|---|\n")
    assert table, "docs/hosts.md names no versions"
    for line in table.split("\n\n")[0].splitlines():
        name, low, new = (cell.strip() for cell in line.strip("|").split("|"))
        yield name, low, new


def test_versions_that_are_named() -> None:
    low, new = lowest(DEPENDENCIES), locked("run.txt")
    for name, lowest_named, newest_named in rows():
        if name == "Python":
            assert f">={lowest_named}" == PROJECT["requires-python"]
            assert newest_named == PYTHONS[-1]
            continue
        assert low[canonicalize_name(name)] == Version(lowest_named), name
        assert new[canonicalize_name(name)] == Version(newest_named), name


def test_every_dependency_is_named() -> None:
    named = {canonicalize_name(name) for name, _, _ in rows()}
    assert named - {"python"} == set(lowest(DEPENDENCIES))
