"""A signed-in browser without a network: requests through the WSGI callable, timed."""

from __future__ import annotations

import time
from collections.abc import Callable

from flask import Flask
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, run_wsgi_app

Request = Callable[[], str]
"""One request, from the environ to the last byte of the answer; the body."""
HTMX = {"HX-Request": "true"}


def request(app: Flask, path: str, headers: dict[str, str] | None = None) -> Request:
    environ = EnvironBuilder(path, headers=Headers(headers or {})).get_environ()

    def ask() -> str:
        chunks, status, _ = run_wsgi_app(app, environ.copy(), buffered=True)
        body = b"".join(chunks)
        if not status.startswith("200"):
            raise RuntimeError(f"{path} answers {status}")
        return body.decode()

    return ask


def cookie_of(app: Flask, directory_id: str) -> dict[str, str]:
    """The header of someone who is signed in and whose forms already carry a token."""
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = directory_id, True
    if (status := client.get("/people/").status_code) != 200:
        raise RuntimeError(f"Not signed in: the people page answers {status}")
    cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
    if cookie is None:
        raise RuntimeError("Signing in left no cookie.")
    return {"Cookie": f"{cookie.key}={cookie.value}"}


def people_in(page: str) -> int:
    """How many people a page of ours shows."""
    return page.count('data-person="')


def times(subject: Request, floor: Request, rounds: int) -> tuple[list[float], list[float]]:
    """Milliseconds of each, in turn, after one of each that does not count."""
    ours, bare = list[float](), list[float]()
    for n in range(rounds + 1):
        for ask, taken in ((floor, bare), (subject, ours)):
            began = time.perf_counter()
            ask()
            if n:
                taken.append((time.perf_counter() - began) * 1000)
    return ours, bare
