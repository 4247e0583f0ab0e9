"""The same pages under gunicorn, with two workers: requests one after the other, over a socket."""

from __future__ import annotations

import json
import os
import random
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from flask import Flask

from ..servers.gunicorn import gunicorn
from .browser import HTMX
from .company import BASE_DN
from .floor import bare_app
from .pages import DIGEST, Site, keep_photo
from .report import Row

TURNS, SECONDS = 5, 0.6
FLOOR = "BENCH_FLOOR"


def pages_served(site: Site) -> list[Row]:
    id, handle = site.someone(random.Random(site.seed))
    keep_photo(site, id)
    pages = {
        "the list": ("/people/", HTMX),
        "the whole first page": ("/people/", {}),
        "a profile": (f"/people/@{handle}", {}),
        "a card": (f"/people/@{handle}/card", HTMX),
        "search jon": ("/people/search?q=jon", HTMX),
        "meetings, the partial": ("/people/meetings", HTMX),
    }
    wanted = {
        what: (path, site.cookie | how, site.floor.same(_body(site, path, how)))
        for what, (path, how) in pages.items()
    }
    photo = f"/people/photos/{DIGEST}/128.webp"
    kept = {"If-None-Match": f'"{DIGEST}-128"'}
    wanted |= {
        "the badge": ("/people/hellos/badge?n=0", site.cookie | HTMX, "/nothing/1"),
        "a photo (3 kB)": (photo, site.cookie, f"/photo/{DIGEST}/128"),
        "a photo that the browser has": (photo, site.cookie | kept, "/kept/1"),
    }
    with _servers(site) as (ours, floor):
        return [
            _compare(f"served: {what}", site.size, (ours, path, how), (floor, bare, {}))
            for what, (path, how, bare) in wanted.items()
        ]


def floor_app() -> Flask:
    """For gunicorn: the floor of the process that measures."""
    known = json.loads(Path(os.environ[FLOOR]).read_text())
    floor = bare_app(known["url"])
    floor.templates.update(known["templates"])
    floor.ids.update(known["ids"])
    return floor.app


@contextmanager
def _servers(site: Site) -> Iterator[tuple[str, str]]:
    file = site.folder / "floor.json"
    known = {"url": site.store.url, "templates": site.floor.templates, "ids": site.floor.ids}
    file.write_text(json.dumps(known))
    environment = {
        "SQLALCHEMY_DATABASE_URI": site.store.url,
        "PEOPLE_LDAP_URI": "ldaps://localhost",
        "PEOPLE_LDAP_BASE_DN": BASE_DN,
    }
    with ExitStack() as stack:
        folders = [site.folder / "ours", site.folder / "floor"]
        for folder in folders:
            folder.mkdir(exist_ok=True)
        ours = stack.enter_context(gunicorn(folders[0], environment))
        app = "tests.bench.served:floor_app()"
        floor = stack.enter_context(gunicorn(folders[1], {FLOOR: str(file)}, app))
        yield ours, floor


Target = tuple[str, str, Mapping[str, str]]
"""A server, a path on it, and headers."""


def _compare(what: str, size: int, ours: Target, floor: Target) -> Row:
    """Milliseconds a request, in turns; a turn that does not count goes before."""
    asked = [_asks(*target) for target in (ours, floor)]
    for ask in asked:
        _milliseconds(ask)
    turns = [[_milliseconds(ask) for ask in asked] for _ in range(TURNS)]
    found, bare = (median(turn[n] for turn in turns) for n in range(2))
    return Row(what, size, found, bare, median(turn[0] / turn[1] for turn in turns))


def _milliseconds(ask: Callable[[], None]) -> float:
    began, count = time.perf_counter(), 0
    while time.perf_counter() - began < SECONDS:
        ask()
        count += 1
    return (time.perf_counter() - began) * 1000 / count


def _asks(server: str, path: str, headers: Mapping[str, str]) -> Callable[[], None]:
    """A request on a connection of its own, as gunicorn's sync workers have it."""
    parts = urlsplit(server)
    lines = [f"GET {path} HTTP/1.1", f"Host: {parts.netloc}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    request = "\r\n".join([*lines, "", ""]).encode()
    address = (parts.hostname or "", parts.port or 0)

    def ask() -> None:
        with socket.create_connection(address) as connection:
            connection.sendall(request)
            status = connection.recv(65536)
            if status[9:12] not in (b"200", b"204", b"304"):
                raise RuntimeError(f"{path} answers {status[:80]!r}")
            while connection.recv(65536):
                pass

    return ask


def _body(site: Site, path: str, how: dict[str, str]) -> str:
    return (site.part(path) if how else site.page(path))()
