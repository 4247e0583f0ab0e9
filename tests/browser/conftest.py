"""Northwind Instruments and the example intranet, served for a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from intranet_people.db.upgrade import upgrade
from intranet_people.demo import create_app, run
from intranet_people.demo.meetings import write_calendars

from ..conftest import close, plugin_of
from ..servers.web import serve

Open = Callable[..., Page]


def prepared(app: Flask) -> Flask:
    """With tables, people and calendars."""
    with app.app_context():
        upgrade(plugin_of(app).session)
    app.test_cli_runner().invoke(args=["people", "sync"], catch_exceptions=False)
    return app


@pytest.fixture(scope="session")
def northwind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """What `make demo` serves: its address."""
    with served(tmp_path_factory.mktemp("northwind")) as url:
        yield url


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The sample company, for as long as the block lasts."""
    app = create_app(folder)
    run.prepare_calendars(folder)
    prepared(app)
    with serve(app) as url:
        yield url
    close(app)


LOUD = ("error", "warning")
PATIENCE = 60_000
"""Milliseconds that a page may take to reach the expected state: the machine may be busy."""
expect.set_options(timeout=PATIENCE)


def inside(url: str, site: str) -> bool:
    return url.startswith((site, "data:"))


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Open]:
    """Opens pages in contexts of their own; fails where one says an error or leaves the site."""
    wrong: list[str] = []
    contexts = []

    def open_(url: str, width: int = 1280, theme: str = "light", javascript: bool = True) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if theme == "dark" else "light",
            java_script_enabled=javascript,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda e: wrong.append(str(e)))
        page.on("console", lambda m: wrong.extend([m.text] if m.type in LOUD else []))
        page.on("request", lambda r: wrong.extend([] if inside(r.url, url) else [r.url]))
        page.goto(url)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.fixture
def calendars(tmp_path: Path) -> Path:
    """A folder of the sample company's calendars, as seen from now."""
    write_calendars(tmp_path, datetime.now(UTC))
    return tmp_path
