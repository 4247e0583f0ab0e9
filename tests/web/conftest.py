"""A host that has nothing of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from .. import SECRET_KEY
from ..conftest import COMPANY, close


@pytest.fixture
def host(company_url: str) -> Iterator[Flask]:
    """A Flask app that has nothing of its own."""
    app = Flask("host")
    app.config.update(SECRET_KEY=SECRET_KEY, SQLALCHEMY_DATABASE_URI=company_url, **COMPANY)
    yield app
    if "intranet_people" in app.extensions:
        close(app)
