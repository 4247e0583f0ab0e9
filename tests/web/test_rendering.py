"""The whole page or a part of it, in our layout or in that of a host."""

from __future__ import annotations

import pytest
from flask import Flask
from jinja2 import ChoiceLoader, DictLoader, StrictUndefined

from intranet_people import IntranetPeople, SettingsError

from ..client import Browser


def test_a_boosted_link_gets_the_whole_page(company_app: Flask) -> None:
    tomas = Browser(company_app, "tomas").client
    for header in ("HX-Boosted", "HX-History-Restore-Request"):
        headers = {"HX-Request": "true", header: "true"}
        assert tomas.get("/people/", headers=headers).text.startswith("<!doctype html>")


def test_every_value_is_named(company_app: Flask) -> None:
    """A host may be strict about undefined names, or have such names of its own."""
    company_app.jinja_env.undefined = StrictUndefined
    names = ("placement", "newest", "unread", "focus")
    company_app.context_processor(lambda: dict.fromkeys(names, "x"))
    tomas = Browser(company_app, "tomas")
    for path in (
        "/people/",
        "/people/search?q=dana",
        "/people/@dana",
        "/people/@dana/card",
        "/people/meetings",
        "/people/hellos",
        "/people/hellos/badge",
        "/people/following",
        "/people/widgets/card?person=dana",
        "/people/widgets/search",
        "/people/widgets/meetings",
    ):
        for htmx in (False, True):
            assert tomas.get(path, htmx).status_code == 200, path
    assert tomas.post("/people/@dana/follow", htmx=True).status_code == 200


@pytest.mark.parametrize(
    ("layout", "said"),
    [
        ("<main>{% block main %}{% endblock %}{% block end %}{% endblock %}</main>", "end, main:"),
        ("<main></main>", "none:"),
        ("{% extends 'site.html' %}{% block inner %}{% endblock %}", "body, inner:"),
    ],
)
def test_layout_without_our_block_is_named(host: Flask, layout: str, said: str) -> None:
    site = {"host.html": layout, "site.html": "{% block body %}{% endblock %}"}
    host.jinja_env.loader = ChoiceLoader([DictLoader(site), host.create_global_jinja_loader()])
    host.config["PEOPLE_BASE_TEMPLATE"] = "host.html"
    with pytest.raises(SettingsError, match=f"no block 'content', but {said} set PEOPLE_CONTENT_B"):
        IntranetPeople(host, viewer=lambda: "tomas")


@pytest.mark.parametrize("extended", ["theme", "'old.html' if theme else 'new.html'"])
def test_a_layout_that_a_request_chooses(host: Flask, extended: str) -> None:
    site = {"host.html": f"{{% extends {extended} %}}", "new.html": "<main></main>"}
    host.jinja_env.loader = ChoiceLoader([DictLoader(site), host.create_global_jinja_loader()])
    host.jinja_env.globals["theme"] = "new.html" if extended == "theme" else ""
    host.config["PEOPLE_BASE_TEMPLATE"] = "host.html"
    IntranetPeople(host, viewer=lambda: "tomas")
    host.testing = True
    with pytest.raises(SettingsError, match="no block 'content': set PEOPLE_CONTENT_BLOCK"):
        host.test_client().get("/people/")
