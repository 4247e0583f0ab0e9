"""What a host or an operator can use is documented, and what is documented is there."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import click
import pytest
from flask import Flask

import intranet_people
from examples.host.listens import RECEIVERS
from intranet_people.cli import people_group
from intranet_people.demo import create_app
from intranet_people.demo.commands import demo
from intranet_people.settings.settings import Settings, key
from intranet_people.signals import signals
from intranet_people.widgets.widget import WIDGETS

DEMO = "flask --app intranet_people.demo people demo"
ROOT = Path(__file__).parents[1]
HOSTS, OPERATORS, SETTINGS = (
    (ROOT / "docs" / name).read_text() for name in ("hosts.md", "operators.md", "settings.md")
)
TEMPLATES = ROOT / "intranet_people/templates/intranet_people"


@pytest.mark.parametrize("name", [key(f.name) for f in fields(Settings)])
def test_setting(name: str) -> None:
    assert f"| `{name}` |" in SETTINGS


def test_no_setting_that_there_is_not() -> None:
    known = {key(f.name) for f in fields(Settings)} | {"PEOPLE_CONFIG_FILE"}
    texts = [p.read_text() for p in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"))]
    assert set(re.findall(r"PEOPLE_[A-Z_]+[A-Z]", " ".join(texts))) <= known


@pytest.mark.parametrize("name", sorted(signals))
def test_signal(name: str) -> None:
    assert f"`{name}`" in HOSTS
    assert name in intranet_people.__all__


def test_the_example_host_listens_to_each_signal() -> None:
    assert {signal.name for signal, _ in RECEIVERS} == set(signals)


def test_the_example_host_fills_each_slot() -> None:
    """And each is told of, with what it knows, and empty where nobody fills it."""
    ours = {p.name for p in (TEMPLATES / "slots").iterdir()}
    theirs = ROOT / "examples/host/templates/intranet_people"
    assert {p.name for p in (theirs / "slots").iterdir()} == ours
    for name in ours:
        assert f"| `slots/{name}` |" in HOSTS
        assert re.fullmatch(r"\{#-.+-#\}\s*", (TEMPLATES / "slots" / name).read_text()), name
    assert (theirs / "error.html").exists(), "one that replaces ours"


def commands(group: click.Group, path: str) -> list[tuple[str, click.Command]]:
    found = []
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found += commands(command, f"{path} {name}")
        else:
            found.append((f"{path} {name}", command))
    return found


@pytest.mark.parametrize(
    ("path", "command"), [*commands(people_group(), "flask people"), (DEMO, demo(create_app))]
)
def test_command(path: str, command: click.Command) -> None:
    assert f"`{path}`" in OPERATORS
    assert command.help
    for option in (o for p in command.params for o in p.opts):
        assert option in OPERATORS, option


@pytest.mark.parametrize("name", ["home", "search", "profile", "meetings", "hellos", "me"])
def test_endpoint_that_hosts_link_to(company_app: Flask, name: str) -> None:
    assert f"`intranet_people.{name}`" in HOSTS
    assert f"intranet_people.{name}" in company_app.view_functions


@pytest.mark.parametrize("name", WIDGETS)
def test_widget(name: str) -> None:
    assert f'people_widget("{name}"' in HOSTS


@pytest.mark.parametrize(
    "path", sorted(str(p.relative_to(TEMPLATES)) for p in TEMPLATES.rglob("*.*"))
)
def test_template(path: str) -> None:
    assert f"`{path}`" in HOSTS


def test_vendored_files_are_whole() -> None:
    import hashlib

    for sums in (
        *ROOT.glob("intranet_people/static/vendor/*/SHA256SUMS"),
        *ROOT.glob("tests/vendor/*/SHA256SUMS"),
    ):
        for line in sums.read_text().splitlines():
            digest, name = line.split()
            assert hashlib.sha256((sums.parent / name).read_bytes()).hexdigest() == digest
