"""A host below a prefix: nothing leads out of it, whoever names the prefix."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from ..conftest import COMPANY
from ..servers.fixtures import need
from ..servers.gunicorn import gunicorn
from ..servers.nginx import missing_package, nginx
from ..servers.web import serve
from .conftest import MakeHost
from .crawl import Crawler, forms
from .known import HOSTS, WORD

pytestmark = pytest.mark.process
CANTEEN = next(h for h in HOSTS if h.name == "prefixed")
PREFIX = "/canteen"


@contextmanager
def mounted(move_in: MakeHost, folder: Path, file: Path) -> Iterator[str]:
    """Beside another app, by werkzeug's DispatcherMiddleware."""
    other = move_in(HOSTS[0])
    with serve(DispatcherMiddleware(other, {PREFIX: move_in(CANTEEN)})) as url:
        yield url


@contextmanager
def named_by_gunicorn(move_in: MakeHost, folder: Path, file: Path) -> Iterator[str]:
    """By SCRIPT_NAME in its environment."""
    with gunicorn(folder, _settings(file) | {"SCRIPT_NAME": PREFIX}, APP) as url:
        yield url


@contextmanager
def named_by_nginx(move_in: MakeHost, folder: Path, file: Path) -> Iterator[str]:
    """By X-Forwarded-Prefix, in front of gunicorn and werkzeug's ProxyFix."""
    need(missing_package())
    (folder / "nginx").mkdir()
    with gunicorn(folder, _settings(file), APP) as app, nginx(folder / "nginx", app, {}) as url:
        yield url


SENT = r"/(follow|unfollow|undo|reply|hi/\w+|logout)$"
"""What is sent to, and not looked at."""
APP = "tests.hosts.prefixed.app:from_environment()"


def _settings(file: Path) -> dict[str, str]:
    return {"CANTEEN": json.dumps(COMPANY | CANTEEN.over(f"sqlite:///{file}"))}


@pytest.fixture(params=[mounted, named_by_gunicorn, named_by_nginx], ids=lambda f: f.__name__)
def canteen(
    request: pytest.FixtureRequest, move_in: MakeHost, meetings_file: Path, tmp_path: Path
) -> Iterator[str]:
    """The address of the canteen, for each way to name its prefix."""
    file = tmp_path / "canteen.db"
    shutil.copy(meetings_file, file)
    with request.param(move_in, tmp_path, file) as url:
        yield url + PREFIX


def is_new_kind(url: str, crawler: Crawler, known: dict[str, int]) -> bool:
    """A page of each kind is enough: of people a few."""
    if not crawler.is_below(url) or re.search(SENT, url):
        return False
    kind = re.sub(r"(?<=@).*|\?.*|(?<=photos/).*", "", url)
    known[kind] = known.get(kind, 0) + 1
    return known[kind] <= 4


def test_nothing_leads_out_of_the_prefix(canteen: str) -> None:
    crawler = Crawler(canteen)
    crawler.ask(f"{canteen}/people/")
    crawler.ask(f"{canteen}/login", {"username": "tomas", "password": WORD})
    known: dict[str, int] = {}
    crawler.seen.clear()
    crawler.all_from(f"{canteen}/", lambda url: is_new_kind(url, crawler, known))
    kinds = {url.removeprefix(canteen).partition("?")[0] for url in crawler.seen}
    assert {"/people/", "/people/meetings", "/people/hellos", "/people/following"} <= kinds
    assert any(kind.startswith("/people/static/vendor/htmx") for kind in kinds)
    assert any(kind.startswith("/people/@") for kind in kinds)
    assert [url for url, status in crawler.seen.items() if status >= 400] == []
    assert crawler.astray == []


def test_every_form_comes_back_into_the_prefix(canteen: str) -> None:
    crawler, sent = Crawler(canteen), set()
    crawler.ask(f"{canteen}/login", {"username": "tomas", "password": WORD})
    site = canteen.removesuffix(PREFIX)
    for page in ("/", "/people/@priya", "/people/meetings", "/people/hellos"):
        for action, form in forms(crawler.ask(canteen + page)):
            verb = action.rstrip("/").split("/")[-2 if "/hi/" in action else -1]
            if verb == "logout" or (page, verb) in sent:
                continue
            sent.add((page, verb))
            assert form["next"] == PREFIX + page
            crawler.ask(site + action, form | {"line": "hello"})
            assert crawler.seen[site + action] == 303
    assert {verb for _, verb in sent} >= {"follow", "unfollow", "hi", "undo"}
    crawler.ask(f"{canteen}/people/no/such/page")
    crawler.ask(f"{canteen}/people/@priya/follow", {})
    assert crawler.astray == []
