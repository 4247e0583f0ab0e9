"""The fixtures that give a test a real server, once per run."""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, NoReturn

import pytest

from tests.servers import chromium, slapd
from tests.servers.slapd import NORTHWIND, Slapd

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

    from tests.servers.kerberos import Kerberos
    from tests.servers.postgresql import PostgreSQL
    from tests.servers.samba import Samba


def need(package: str | None) -> None:
    """Skips the test for want of a Debian package; with CI in the environment, fails it."""
    if package:
        miss(f"{package} is not installed (Debian: apt-get install {package})")


def miss(reason: str) -> NoReturn:
    """Skips the test for that reason; with CI in the environment, fails it."""
    if os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session", name="slapd")
def _slapd() -> Iterator[Slapd]:
    """OpenLDAP with the people of tests/data/northwind.ldif. To change them: `changing_slapd`."""
    need(slapd.missing_package())
    with Slapd(NORTHWIND) as server:
        yield server


@pytest.fixture
def changing_slapd(slapd: Slapd) -> Iterator[Slapd]:
    """The same server for a test that changes, stops or kills it: restored afterwards."""
    yield slapd
    slapd.restore()


@pytest.fixture(scope="session", name="samba")
def _samba() -> "Iterator[Samba]":
    """An Active Directory domain controller with the people of tests/data/northwind-ad.ldif.

    To change them: `changing_samba`.
    """
    from tests.servers import samba, samba_needs

    need(samba_needs.missing_package())
    if reason := samba_needs.obstacle():
        miss(reason)
    with samba.Samba() as server:
        yield server


@pytest.fixture
def changing_samba(samba: "Samba") -> "Iterator[Samba]":
    """The same server for a test that changes, stops or kills it: restored afterwards."""
    yield samba
    samba.restore()


@pytest.fixture(scope="session")
def postgresql() -> "Iterator[PostgreSQL]":
    """PostgreSQL without a database of ours: `postgresql.create_database(name)` gives a URL."""
    from tests.servers import postgresql

    need(postgresql.missing_package())
    with postgresql.PostgreSQL() as server:
        yield server


@pytest.fixture(scope="session")
def kerberos() -> "Iterator[Kerberos]":
    """An MIT KDC: `kerberos.ticket("alice")` is the environment of a client of hers."""
    from tests.servers import kerberos

    need(kerberos.missing_package())
    with kerberos.Kerberos() as server:
        yield server


@pytest.fixture
def in_the_realm(kerberos: "Kerberos", monkeypatch: pytest.MonkeyPatch) -> None:
    """The test's own process is on a machine of the realm."""
    for name, value in kerberos.environment.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="session")
def playwright() -> "Iterator[Playwright]":
    """What drives Chromium; there can be one at a time."""
    need(chromium.missing_package())
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(playwright: "Playwright") -> "Iterator[Browser]":
    """Chromium; each test opens a context of its own: `browser.new_context(...)`."""
    launched = chromium.launch(playwright)
    yield launched
    launched.close()
