"""The hosts that are tried, and how one comes and goes in each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Protocol, cast

from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from werkzeug.test import TestResponse

from .bootstrap import app as bootstrap
from .factory import app as factory
from .lite import app as lite
from .migrating import app as migrating
from .prefixed import app as prefixed
from .sessions import app as sessions
from .strict import app as strict

WORD = "tide-clock"


class Module(Protocol):
    """What each folder has in its `app.py`."""

    def create_app(self, with_people: bool = True, **config: Any) -> Flask: ...

    def add_user(self, app: Flask, name: str, password: str) -> None: ...


@dataclass(frozen=True)
class Host:
    """A small intranet that was there before.

    `fields` are those of its login form, the name first; `pages` its own, which anybody may see;
    `heading` begins its home page; `prefix` is where our pages are.
    """

    module: Module
    heading: str
    home: str = "/"
    login: str = "/login"
    login_form: str = "/login"
    logout: str = "/logout"
    fields: tuple[str, ...] = ("username", "password")
    pages: tuple[str, ...] = ("/news", "/no/such/page")
    prefix: str = "/people"
    database: str = "SQLALCHEMY_DATABASE_URI"

    @property
    def name(self) -> str:
        return str(cast(Any, self.module).__package__).rpartition(".")[2]

    def over(self, url: str) -> dict[str, Any]:
        """The setting by which it keeps its rows, and ours, in that database."""
        return {self.database: {"default": url} if self.database.endswith("ENGINES") else url}

    def enter(self, client: FlaskClient, name: str, word: str = WORD) -> TestResponse:
        """Logs in as a browser would, with all that the form carries."""
        form = hidden(client.get(self.login_form).text)
        form |= dict(zip(self.fields, (name, word), strict=False))
        return client.post(self.login, data=form)

    def leave(self, client: FlaskClient) -> TestResponse:
        return client.post(self.logout, data=hidden(client.get(self.home).text))

    def log_in(self, page: Page, site: str, name: str) -> None:
        """In a real browser; ends on the home page."""
        page.goto(site + self.login_form)
        for entry, typed in zip(self.fields, (name, WORD), strict=False):
            page.locator(f"input[name={entry}]").fill(typed)
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("heading", name=self.heading)).to_be_visible()

    def log_out(self, page: Page, site: str) -> None:
        page.goto(site + self.home)
        page.get_by_role("button", name="Log out").click()
        expect(page.get_by_role("button", name="Log in")).to_be_visible()


def hidden(page: str) -> dict[str, str]:
    """The hidden inputs of a page's first form."""
    form = page.partition("<form")[2].partition("</form>")[0]
    return dict(re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', form))


HOSTS = [
    Host(
        cast(Module, migrating),
        "Ships today",
        pages=("/news", "/broken", "/no/such/page", "/static/harbour.css"),
    ),
    Host(
        cast(Module, lite),
        "Lamp of",
        fields=("login",),
        database="SQLALCHEMY_ENGINES",
    ),
    Host(
        cast(Module, sessions),
        "Notices for",
        login_form="/",
        fields=("name", "password"),
        pages=("/news", "/teapot", "/no/such/page"),
    ),
    Host(
        cast(Module, factory),
        "The crew of",
        home="/people/",
        login="/auth/enter",
        login_form="/auth/enter",
        logout="/auth/leave",
        pages=("/people/search", "/no/such/page", "/people", "/people/@dana"),
        prefix="/colleagues",
    ),
    Host(
        cast(Module, strict),
        "Declared by",
        pages=("/news", "/language/de", "/news", "/no/such/page", "/static/customs.css"),
    ),
    Host(cast(Module, prefixed), "Lunch for"),
    Host(
        cast(Module, bootstrap),
        "Council of",
        pages=("/news", "/no/such/page", "/static/framework.css", "/htmx.js"),
    ),
]
