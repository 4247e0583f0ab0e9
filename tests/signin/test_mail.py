"""People whom the host, or a server in front, knows by their mail."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, g
from flask_login import LoginManager
from markupsafe import escape as html
from sqlalchemy import select, update

from intranet_people import IntranetPeople
from intranet_people.people.person import Person
from intranet_people.settings.read import read_settings
from intranet_people.settings.settings import SettingsError
from intranet_people.signin.methods.host import flask_login_mail
from intranet_people.web.guard import TWO

from .. import SECRET_KEY
from ..conftest import COMPANY, MakeApp, close, plugin_of, slapd_settings
from ..servers.slapd import Slapd

BY_HEADER = {
    "PEOPLE_SIGN_IN": "header",
    "PEOPLE_SSO_HEADER": "X-Remote-Mail",
    "PEOPLE_SSO_TRUSTED_PROXIES": "127.0.0.1",
    "PEOPLE_SIGN_IN_MATCH": "mail",
}


@pytest.fixture
def by_header(open_app: MakeApp, company_url: str) -> Flask:
    return open_app(SQLALCHEMY_DATABASE_URI=company_url, **COMPANY, **BY_HEADER)


def seen_as(app: Flask, mail: str) -> Any:
    return app.test_client().get("/people/me", headers={"X-Remote-Mail": mail})


def mail_of(app: Flask, handle: str) -> str:
    with app.app_context():
        query = select(Person.mail).where(Person.handle == handle)
        return plugin_of(app).session.scalars(query).one()


def set_mail(app: Flask, handle: str, mail: str) -> None:
    with app.app_context():
        session = plugin_of(app).session
        session.execute(update(Person).where(Person.handle == handle).values(mail=mail))
        session.commit()


def test_a_mail_is_whose_it_is(by_header: Flask) -> None:
    mail = mail_of(by_header, "dana")
    for written in (mail, mail.upper(), f" {mail} "):
        assert seen_as(by_header, written).location == "/people/@dana"
    # A login name is no mail here, even one that somebody has.
    assert seen_as(by_header, "dana").status_code == 403


def test_the_domain_of_a_mail_is_no_realm(open_app: MakeApp, company_url: str) -> None:
    realm = {"PEOPLE_SSO_STRIP_REALM": "northwind.example"}
    app = open_app(SQLALCHEMY_DATABASE_URI=company_url, **COMPANY, **BY_HEADER, **realm)
    assert seen_as(app, mail_of(app, "dana")).location == "/people/@dana"


def test_a_mail_that_two_have_is_refused_by_name(by_header: Flask) -> None:
    set_mail(by_header, "tomas", mail := mail_of(by_header, "dana"))
    answer = seen_as(by_header, mail)
    assert answer.status_code == 403
    assert html(TWO % {"mail": mail}) in answer.text


def test_a_mail_that_nobody_has(by_header: Flask) -> None:
    set_mail(by_header, "dana", "")
    for mail in ("nobody@northwind.example", "@", "%"):
        assert seen_as(by_header, mail).status_code == 403
    script = seen_as(by_header, "<script>@northwind.example")
    assert "<script>@" not in script.text


@pytest.mark.slapd
@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_newcomer_is_found_by_their_mail(make_app: MakeApp, slapd: Slapd) -> None:
    app = make_app(**slapd_settings(slapd), **BY_HEADER)
    assert seen_as(app, "Alice@Northwind.example").location == "/people/@alice"


@pytest.mark.parametrize(
    ("user", "name"),
    [
        (SimpleNamespace(email="dana@northwind.example"), "dana@northwind.example"),
        (SimpleNamespace(mail="dana@northwind.example"), "dana@northwind.example"),
        (SimpleNamespace(username="dana"), None),
        (SimpleNamespace(email=None), None),
    ],
)
def test_of_flask_login_its_mail(user: Any, name: str | None) -> None:
    app = Flask("host")
    app.secret_key = SECRET_KEY
    LoginManager(app)
    user.is_authenticated = True
    with app.test_request_context():
        g._login_user = SimpleNamespace(**vars(user), _get_current_object=lambda: user)
        assert flask_login_mail() == name


def test_of_a_host_by_its_own_viewer(company_url: str) -> None:
    app = Flask("host")
    app.config.update(SECRET_KEY=SECRET_KEY, SQLALCHEMY_DATABASE_URI=company_url, **COMPANY)
    app.config["PEOPLE_SIGN_IN_MATCH"] = "mail"
    who: list[Any] = ["dana.whitfield@northwind.example"]
    IntranetPeople(app, viewer=lambda: who[0])
    try:
        who[0] = mail_of(app, "dana")
        assert app.test_client().get("/people/me").location == "/people/@dana"
        for rubbish in (7, b"dana@northwind.example", "", None):
            who[0] = rubbish
            assert app.test_client().get("/people/me").status_code == 401
    finally:
        close(app)


def test_only_what_is_known() -> None:
    required = {"PEOPLE_LDAP_URI": "ldaps://dc1", "PEOPLE_LDAP_BASE_DN": "dc=x"}
    with pytest.raises(SettingsError, match="PEOPLE_SIGN_IN_MATCH must be handle or mail"):
        read_settings(required | {"PEOPLE_SIGN_IN_MATCH": "email"})
