"""No text stands in a template, or in an answer of the code, that could not be translated."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from tools.words import PACKAGE

TEMPLATES = PACKAGE / "templates/intranet_people"
FILES = sorted(str(p.relative_to(TEMPLATES)) for p in TEMPLATES.rglob("*.html"))
JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.S)
SPOKEN = {"aria-label", "title", "placeholder", "alt", "aria-description"}
TRANSLATED = {"people_gettext", "people_ngettext"}


class Texts(HTMLParser):
    """What of a page is read: text, and the attributes that are."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name in SPOKEN and value]

    def handle_data(self, data: str) -> None:
        self.found.append(data)


def bare_texts(source: str) -> list[str]:
    texts = Texts()
    texts.feed(JINJA.sub("", source))
    return [text.strip() for text in texts.found if re.search(r"[^\W\d_]", text)]


def constants(node: nodes.Node) -> Iterator[str]:
    """Texts within {{ }} and {% set %}, but for those that are handed to gettext."""
    match node:
        case nodes.Call(node=nodes.Name(name=name)) if name in TRANSLATED:
            return
        case nodes.Const(value=str(value)):
            yield value
    for child in node.iter_child_nodes():
        yield from constants(child)


def said_by(source: str) -> list[str]:
    tree = Environment(autoescape=True).parse(source)
    # Classes, endpoints and formats have neither a capital nor words with a space between.
    pattern = re.compile(r"^[A-Z][a-z]|[a-z] [a-z]")
    return [text for text in constants(tree) if pattern.search(JINJA.sub("", text))]


@pytest.mark.parametrize("name", FILES)
def test_template(name: str) -> None:
    source = (TEMPLATES / name).read_text()
    assert bare_texts(source) == []
    assert [text for text in said_by(source) if "<code>" not in text] == []


@pytest.mark.parametrize(
    "source",
    [
        "<p>Nobody here</p>",
        '<a aria-label="All of {{ name }}">{{ name }}</a>',
        "<p>{% if a %}{{ people_gettext('Hello') }}{% else %}Bye{% endif %}</p>",
        "<p>{{ name or 'Nobody' }}</p>",
        "{% set label = 'all of them' %}",
    ],
)
def test_the_test_finds_it(source: str) -> None:
    assert bare_texts(source) + said_by(source) != []


def test_refusals_of_the_code() -> None:
    """What an exception says to people, or a page is given, goes through gettext."""
    wrong = []
    for file in PACKAGE.rglob("*.py"):
        for call in ast.walk(ast.parse(file.read_text())):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
                said = {"HiRefused": call.args, "abort": call.args[1:]}
                texts = said.get(call.func.id, [])
                if any(isinstance(text, ast.Constant | ast.JoinedStr) for text in texts):
                    wrong.append(f"{file.relative_to(PACKAGE)}: {ast.unparse(call)}")
    assert wrong == []


def test_the_script_has_no_words() -> None:
    script = Path(PACKAGE / "static/people.js").read_text()
    code = re.sub(r"//.*", "", script)
    assert re.findall(r"[\"'`][A-Z][a-z]+ [^\"'`]*[\"'`]", code) == []
