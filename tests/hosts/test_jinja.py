"""Jinja as hosts set it up: strict, trimming, or careless."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from jinja2 import DictLoader
from sqlalchemy import create_engine, text

from intranet_people import IntranetPeople

from .. import SECRET_KEY
from ..conftest import COMPANY, close
from .conftest import MakeHost, apart
from .known import HOSTS, Host

YARD, HARBOUR = (next(h for h in HOSTS if h.name == name) for name in ("factory", "migrating"))
CARELESS: dict[str, Any] = {"never": False, "by a rule of its own": lambda name: False}


@pytest.mark.parametrize("kind", CARELESS)
def test_names_are_text_whatever_the_host_does(
    kind: str, meetings_file: Path, tmp_path: Path
) -> None:
    """A host that does not escape: its own templates go on so, ours never do."""
    file = tmp_path / "company.db"
    file.write_bytes(meetings_file.read_bytes())
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE people_person SET name = '<b>Dana</b>' WHERE handle='dana'")
        )
    engine.dispose()
    app = Flask("tests.hosts")
    app.config.update(SECRET_KEY=SECRET_KEY, SQLALCHEMY_DATABASE_URI=f"sqlite:///{file}", **COMPANY)
    app.jinja_env.autoescape = CARELESS[kind]
    app.jinja_loader = DictLoader({"own.html": "{{ x }}{{ people_widget('card', 'dana') }}"})
    IntranetPeople(app, viewer=lambda: "tomas")
    app.add_url_rule(
        "/own", view_func=lambda: app.jinja_env.get_template("own.html").render(x="<i>")
    )
    own = app.test_client().get("/own").text
    assert own.startswith("<i>")
    assert "&lt;b&gt;Dana" in own
    assert "<b>Dana" not in own
    for path in ("/people/@dana", "/people/search?q=dana"):
        page = app.test_client().get(path).text
        assert "&lt;b&gt;" in page
        assert "<b>Dana" not in page
    close(app)


def test_jinja_at_its_strictest(move_in: MakeHost) -> None:
    """Undefined names are errors there, and blocks eat the lines around them: no page minds."""
    app = move_in(YARD, PEOPLE_OPERATORS="tomas")

    def look() -> dict[str, int]:
        client = app.test_client()
        YARD.enter(client, "tomas")
        paths = ["/", "/?after=a~0", "/search?q=dana", "/search?q=zzzz", "/@dana", "/@dana/card"]
        paths += ["/meetings", "/hellos", "/following", "/status", "/nowhere", "/hellos/badge"]
        paths += [f"/widgets/{name}?person=dana" for name in ("card", "follow", "meetings")]
        found = {p: client.get(f"/colleagues{p}").status_code for p in paths}
        htmx = {"HX-Request": "true"}
        found |= {
            f"{p} part": client.get(f"/colleagues{p}", headers=htmx).status_code for p in paths
        }
        return found

    seen = apart(look)
    assert {p: s for p, s in seen.items() if s != 200} == {
        "/nowhere": 404,
        "/nowhere part": 404,
    }


def test_a_host_with_another_layout_says_the_same(move_in: MakeHost) -> None:
    """`trim_blocks` joins no words: what one reads is what one reads elsewhere."""

    def words(host: Host) -> str:
        app = move_in(host)
        client = app.test_client()
        host.enter(client, "tomas")
        page = client.get(f"{host.prefix}/@kenji").text
        ours = page.partition('<div class="ip-page"')[2]
        return " ".join(re.sub(r"<[^>]*>", " ", ours).split())

    strict, usual = (apart(words, host) for host in (YARD, HARBOUR))
    assert strict == usual
    assert "How to reach" in strict
