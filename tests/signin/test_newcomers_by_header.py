"""Whom a server in front or the host names before a sync brought them."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from intranet_people.people.login_name import LoginName
from intranet_people.people.person import Person
from intranet_people.sync.newcomer import bring_in
from intranet_people.sync.report import SyncReport

from ..conftest import MakeApp, plugin_of, slapd_settings
from ..servers.slapd import Slapd
from .conftest import PEOPLE_DN
from .newcomers import NOOR, person

pytestmark = pytest.mark.slapd


@pytest.fixture
def by_header(make_app: MakeApp, slapd: Slapd) -> Flask:
    """The twelve of Northwind, signed in by a header."""
    app = make_app(
        **slapd_settings(slapd),
        PEOPLE_SIGN_IN="header",
        PEOPLE_SSO_HEADER="X-User",
        PEOPLE_SSO_TRUSTED_PROXIES="127.0.0.1",
    )
    assert app.test_cli_runner().invoke(args=["people", "sync"]).exit_code == 0
    return app


def page(app: Flask, name: str) -> int:
    return app.test_client().get("/people/", headers={"X-User": name}).status_code


def test_whom_a_proxy_names_is_looked_for(
    by_header: Flask, changing_slapd: Slapd, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = list[str]()

    def noted(*arguments: object) -> object:
        asked.append(str(arguments[3]))
        return bring_in(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("intranet_people.signin.newcomers.bring_in", noted)
    assert page(by_header, "noor") == 403
    changing_slapd.add(NOOR)
    # Not with each request: whoever is not in the directory may be a user of the host all the same.
    assert page(by_header, "noor") == 403
    assert asked == ["noor"]
    plugin_of(by_header).bring_in._not_before.clear()  # type: ignore[attr-defined]
    assert page(by_header, "noor") == 200
    assert page(by_header, "alice") == 200
    assert asked == ["noor", "noor"]


def test_who_was_brought_by_another_request_meanwhile(
    by_header: Flask, changing_slapd: Slapd, monkeypatch: pytest.MonkeyPatch
) -> None:
    changing_slapd.add(NOOR)

    def by_another(*arguments: object) -> SyncReport:
        bring_in(*arguments)  # type: ignore[arg-type]
        return SyncReport(unchanged=1)

    monkeypatch.setattr("intranet_people.signin.newcomers.bring_in", by_another)
    assert page(by_header, "noor") == 200


def test_who_has_another_name_now_is_found_by_it(by_header: Flask, changing_slapd: Slapd) -> None:
    alice = person(by_header, "alice").id
    changing_slapd.modify(
        f"dn: uid=alice,{PEOPLE_DN}\nchangetype: modrdn\nnewrdn: uid=aliddell\ndeleteoldrdn: 1\n"
    )
    assert page(by_header, "aliddell") == 200
    assert person(by_header, "aliddell").id == alice


def test_what_the_host_has_not_committed_stays_its_own(
    by_header: Flask, changing_slapd: Slapd
) -> None:
    changing_slapd.add(NOOR)
    with by_header.test_request_context("/people/", headers={"X-User": "noor"}):
        session = plugin_of(by_header).session
        bob = session.scalars(select(Person).where(Person.handle == "bob")).one()
        bob.title = "not yet"
        with session.no_autoflush:
            plugin_of(by_header).bring_in(LoginName("noor"))
        assert bob in session.dirty
        session.rollback()
    assert person(by_header, "bob").title != "not yet"
    assert person(by_header, "noor").name == "Noor de Wit"


def test_a_name_is_no_filter(by_header: Flask) -> None:
    for name in ("*", "al*", "alice)(uid=*", "\\2a", "("):
        assert page(by_header, name) == 403
    assert page(by_header, "a" * 5000) == 401, "no name at all"


def test_a_directory_that_is_down_keeps_only_newcomers_out(
    by_header: Flask, changing_slapd: Slapd, caplog: pytest.LogCaptureFixture
) -> None:
    changing_slapd.stop()
    assert page(by_header, "noor") == 403
    assert "the directory cannot be asked" in caplog.text
    assert page(by_header, "alice") == 200
