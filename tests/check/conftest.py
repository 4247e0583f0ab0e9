"""What a check finds."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask

from intranet_people.check.diagnosis import check
from intranet_people.check.finding import Finding

from ..conftest import MakeApp, plugin_of, slapd_settings
from ..servers.slapd import Slapd

Checked = list[Finding]
CheckWith = Callable[..., Checked]


@pytest.fixture
def check_with(make_app: MakeApp, slapd: Slapd) -> CheckWith:
    """Checks the twelve of Northwind by what an operator would set, but for what is given."""

    def checked(server: Slapd = slapd, **settings: object) -> Checked:
        return checked_app(make_app(**slapd_settings(server) | settings))

    return checked


def checked_app(app: Flask) -> Checked:
    with app.app_context():
        return list(check(plugin_of(app)))


def failed(found: Checked) -> list[str]:
    """What has to be mended, without the line at the end that says how much it is."""
    return [f.what for f in found[:-1] if f.ok is False]


def only(found: Checked) -> Finding:
    """The one that has to be mended, which the last line names too."""
    wrong = [f for f in found[:-1] if f.ok is False]
    assert len(wrong) == 1, [str(f) for f in found]
    assert found[-1] == Finding(
        False, f"One thing to mend, the first: {wrong[0].what}", wrong[0].hint
    )
    return wrong[0]


def said(found: Checked, pattern: str) -> Finding:
    """The one finding that says so."""
    (match,) = [f for f in found if re.search(pattern, f.what)]
    return match
