"""A stand-alone app over the real directory, synced, and how a browser would sign in."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ..client import token_of

FORM = "/people/sign-in"


@pytest.fixture
def synced(app: Flask) -> Flask:
    """The twelve of Northwind."""
    assert app.test_cli_runner().invoke(args=["people", "sync"]).exit_code == 0
    return app


@pytest.fixture
def client(synced: Flask) -> FlaskClient:
    return synced.test_client()


def token(client: FlaskClient) -> str:
    """The one that the sign-in form carries just now."""
    return token_of(client.get(FORM).text)


def tries(client: FlaskClient, name: str, password: str, **more: str) -> TestResponse:
    """The form, filled in and sent."""
    form = {"name": name, "password": password, "csrf_token": token(client)}
    return client.post(FORM, data=form | more)


def is_signed_in(client: FlaskClient) -> bool:
    return client.get("/people/me").status_code == 302 and "sign-in" not in str(
        client.get("/people/me").location
    )
