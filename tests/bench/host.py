"""What a host pays: for its own pages, for each widget, and for its start."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from datetime import date
from functools import partial

from flask import Flask, render_template
from sqlalchemy import select

from intranet_people.people.person import Person
from tests.hosts.migrating import app as harbour
from tests.queries import counted

from .browser import request, times
from .company import BASE_DN, people
from .life import give_life
from .pages import ROUNDS, VIEWER
from .report import Progress, Row, median_ratio
from .store import Databases, Store, fill

SETTINGS = {"PEOPLE_LDAP_URI": "ldapi://%2Fnowhere", "PEOPLE_LDAP_BASE_DN": BASE_DN}
WIDGETS = ("search", "follow", "card", "meetings")
STARTS = 7
HOST = "import flask, flask_sqlalchemy, flask_login"
PAGE = """{% extends "base.html" %}
{% block content %}<h1>{{ current_user.username }}</h1>SHOWN{% endblock %}"""

PLAIN = "<!doctype html><title>Harbour office</title><h1>{{ current_user.username }}</h1>"


def measure(size: int, seed: int, databases: Databases, progress: Progress) -> list[Row]:
    """The same host with us and without, in turn."""
    store = databases.new(f"host{size}")
    progress.say(f"host {size:,}: filling the database")
    fill(store, size, seed, lambda n: progress.step("people made", n, size))
    viewer = next(p for p in people(size, seed, date.today()) if p.n == VIEWER)
    with store.session() as session:
        give_life(session, viewer.directory_id, seed)
        query = select(Person.handle).where(Person.directory_id == viewer.directory_id)
        handle = session.scalars(query).one() or ""
        other = session.scalars(select(Person.handle).where(Person.handle != handle)).first()
    ours, bare = (_host(store, with_people, other or "") for with_people in (True, False))
    progress.say(f"host {size:,}: pages and widgets")
    cookie = _log_in(bare, handle)
    rows = [
        _compare("a page that has nothing of ours", size, ours, bare, "/plain", "/plain", cookie),
        _compare("a host's own page, with our head", size, ours, bare, "/news", "/news", {}),
        _compare(
            "a host's own page, with our head, signed in",
            *(size, ours, bare, "/with/", "/with/", cookie),
        ),
    ]
    request(ours, "/with/search", cookie)()  # the first of all asks for the revision of the tables
    own = _statements(ours, "/with/", cookie)
    for widget in WIDGETS:
        path = f"/with/{widget}"
        more = _statements(ours, path, cookie) - own
        what = f"the same with the widget {widget} (queries more: {more})"
        rows.append(_compare(what, size, ours, bare, path, "/with/", cookie))
    progress.say("host: start")
    return [*rows, _imports(size), _factories(size, store)]


def _host(store: Store, with_people: bool, other: str) -> Flask:
    app = harbour.create_app(
        with_people,
        SQLALCHEMY_DATABASE_URI=store.url,
        **(SETTINGS if with_people else {}),
    )
    if not with_people:
        nothing = dict.fromkeys(("people_head", "people_widget"), lambda *args: "")
        app.jinja_env.globals.update(nothing)
    plain = app.jinja_env.from_string(PLAIN)
    app.add_url_rule("/plain", "plain", partial(render_template, plain))
    for widget in ("", *WIDGETS):
        person = f', "{other}"' if widget in ("follow", "card") else ""
        shown = f'{{{{ people_widget("{widget}"{person}) }}}}' if widget else ""
        template = app.jinja_env.from_string(PAGE.replace("SHOWN", shown))
        name = f"/with/{widget}"
        app.add_url_rule(name, name, partial(render_template, template))
    return app


def _log_in(app: Flask, handle: str) -> dict[str, str]:
    """The header of who is signed in to either: they have one key and one database."""
    with app.app_context():
        harbour.db.create_all()
    harbour.add_user(app, handle, "word")
    client = app.test_client()
    client.post("/login", data={"username": handle, "password": "word"})
    cookie = client.get_cookie("session")
    if cookie is None:
        raise RuntimeError("Logging in left no cookie.")
    return {"Cookie": f"{cookie.key}={cookie.value}"}


def _statements(app: Flask, path: str, cookie: dict[str, str]) -> int:
    with counted(app) as statements:
        request(app, path, cookie)()
    return len(statements)


def _compare(
    what: str, size: int, ours: Flask, bare: Flask, path: str, floor: str, cookie: dict[str, str]
) -> Row:
    with_us, without = times(request(ours, path, cookie), request(bare, floor, cookie), ROUNDS * 3)
    medians = statistics.median(with_us), statistics.median(without)
    return Row(what, size, medians[0], medians[1], median_ratio(with_us, without))


def _imports(size: int) -> Row:
    """The best of some starts of Python, in turn."""
    best = [float("inf"), float("inf")]
    for _ in range(STARTS):
        for n, code in enumerate((f"{HOST}, intranet_people", HOST)):
            began = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True)
            best[n] = min(best[n], (time.perf_counter() - began) * 1000)
    return Row("Python, until all is imported", size, best[0], best[1], best[0] / best[1])


def _factories(size: int, store: Store) -> Row:
    best = [float("inf"), float("inf")]
    for _ in range(STARTS):
        for n, with_people in enumerate((True, False)):
            began = time.perf_counter()
            _host(store, with_people, "")
            best[n] = min(best[n], (time.perf_counter() - began) * 1000)
    return Row("the host's create_app()", size, best[0], best[1], best[0] / best[1])
