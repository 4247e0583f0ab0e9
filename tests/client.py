"""A browser without JavaScript, and one with: what they send."""

from __future__ import annotations

import re

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from intranet_people.state import get_state

HTMX = {"HX-Request": "true"}
# Token and cookie of who signed in before: good in each app that has the same key and people.
_signed_in: dict[tuple[object, ...], tuple[str, str]] = {}


class Browser:
    """Signed in as one of the sample company; keeps the token that its forms carry."""

    def __init__(self, app: Flask, name: str, password: str = "tide-clock") -> None:
        self.client: FlaskClient = app.test_client()
        cookie = app.config["SESSION_COOKIE_NAME"]
        who = (app.name, app.secret_key, cookie, name, password)
        # Of a real server, a person's id may be another one in the next test.
        is_sample = app.config.get("PEOPLE_LDAP_URI", "").startswith("embedded:")
        if is_sample and who in _signed_in:
            self.token, value = _signed_in[who]
            self.client.set_cookie(cookie, value)
            with app.app_context():
                get_state().check_tables()  # as its first request would have done
            return
        self.token = token_of(self.get("/people/sign-in").text)
        self.post("/people/sign-in", name=name, password=password)
        self.token = token_of(self.get("/people/nowhere").text)
        given = self.client.get_cookie(cookie)
        if is_sample and given:
            _signed_in[who] = self.token, given.value

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
