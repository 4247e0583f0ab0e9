"""A browser without JavaScript, and one with: what they send."""

from __future__ import annotations

import re

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

HTMX = {"HX-Request": "true"}


class Browser:
    """Signed in as one of the sample company; keeps the token that its forms carry."""

    def __init__(self, app: Flask, name: str, password: str = "tide-clock") -> None:
        self.client: FlaskClient = app.test_client()
        self.token = token_of(self.client.get("/people/sign-in").text)
        self.post("/people/sign-in", name=name, password=password)
        self.token = token_of(self.get("/people/").text)

    def get(self, path: str, htmx: bool = False) -> TestResponse:
        return self.client.get(path, headers=HTMX if htmx else {})

    def post(self, path: str, htmx: bool = False, **form: str) -> TestResponse:
        form = {"csrf_token": self.token, **form}
        return self.client.post(path, data=form, headers=HTMX if htmx else {})


def token_of(page: str) -> str:
    """The CSRF token of a page's first form."""
    return page.partition('name="csrf_token" value="')[2].partition('"')[0]


def people_in(page: str) -> list[str]:
    """The login names of the people in a list, in its order, or of the one on a card."""
    return re.findall('class="ip-(?:row|card ip-person-card)" data-person="([^"]*)"', page)
