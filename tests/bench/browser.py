"""A signed-in browser without a network: requests through the WSGI callable, timed."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from urllib.parse import urlencode

from flask import Flask
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, run_wsgi_app

Request = Callable[[], str]
"""One request, from the environ to the last byte of the answer; the body."""
HTMX = {"HX-Request": "true"}


def request(
    app: Flask,
    path: str,
    headers: dict[str, str] | None = None,
    *,
    status: int = 200,
    form: dict[str, str] | None = None,
) -> Request:
    """A form is posted. Raises RuntimeError for an answer with another status."""
    body = urlencode(form).encode() if form else b""
    environ = EnvironBuilder(
        path,
        method="POST" if form else "GET",
        headers=Headers(headers or {}),
        data=body,
        content_type="application/x-www-form-urlencoded" if form else None,
    ).get_environ()

    def ask() -> str:
        fresh = environ | {"wsgi.input": io.BytesIO(body)}
        chunks, answered, _ = run_wsgi_app(app, fresh, buffered=True)
        answer = b"".join(chunks)
        if not answered.startswith(str(status)):
            raise RuntimeError(f"{path} answers {answered}")
        return answer.decode(errors="replace")

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


def token_of(page: str) -> str:
    """The token of a page's first form."""
    return page.partition('name="csrf_token" value="')[2].partition('"')[0]


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
