"""By which names people sign in, and what they are told of a password that needs their hand."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import escape as html
from sqlalchemy import select

from intranet_people.ldap import password_policy as policy
from intranet_people.people.person import Person
from intranet_people.settings.read import read_settings
from intranet_people.settings.settings import SettingsError
from intranet_people.signin.views import REFUSED, WORDS

from ..conftest import MakeApp, plugin_of, slapd_settings
from ..ldap.domain import people_of
from ..servers.samba import Samba
from ..servers.slapd import Slapd
from .conftest import tries

PEOPLE_DN = f"ou=people,{Slapd.base_dn}"


@pytest.fixture
def by_mail_too(make_app: MakeApp, slapd: Slapd) -> FlaskClient:
    app = make_app(**slapd_settings(slapd), PEOPLE_SIGN_IN_ATTRIBUTES="uid mail")
    assert app.test_cli_runner().invoke(args=["people", "sync"]).exit_code == 0
    return app.test_client()


@pytest.mark.slapd
def test_by_each_of_the_attributes(by_mail_too: FlaskClient, changing_slapd: Slapd) -> None:
    changing_slapd.modify(
        f"dn: uid=alice,{PEOPLE_DN}\nchangetype: modify\nreplace: mail\n"
        "mail: alice.liddell@northwind.example\n"
    )
    for name in ("alice", "Alice.Liddell@Northwind.example"):
        client = by_mail_too.application.test_client()
        assert tries(client, name, "alice-password").status_code == 303
        assert client.get("/people/me").location == "/people/@alice"
    assert tries(by_mail_too, "Alice Liddell", "alice-password").status_code == 403


@pytest.mark.slapd
def test_a_mail_that_two_have_is_refused(by_mail_too: FlaskClient, changing_slapd: Slapd) -> None:
    for handle in ("alice", "bob"):
        changing_slapd.modify(
            f"dn: uid={handle},{PEOPLE_DN}\nchangetype: modify\nreplace: mail\n"
            "mail: both@northwind.example\n"
        )
    for handle in ("alice", "bob"):
        answer = tries(by_mail_too, "both@northwind.example", f"{handle}-password")
        assert answer.status_code == 403
        assert html(REFUSED) in answer.text


@pytest.mark.slapd
def test_a_name_counts_once_however_it_is_written(
    by_mail_too: FlaskClient, changing_slapd: Slapd
) -> None:
    changing_slapd.modify(
        f"dn: uid=alice,{PEOPLE_DN}\nchangetype: modify\nreplace: mail\nmail: a@northwind.example\n"
    )
    names = ["alice", "a@northwind.example", "ALICE", "A@NORTHWIND.EXAMPLE"]
    assert [tries(by_mail_too, n, "wrong").status_code for n in names] == [403] * 4
    # Told as any wrong password, or it were known that both names are hers.
    paused = tries(by_mail_too, "alice", "alice-password")
    assert paused.status_code == 403
    assert html(REFUSED) in paused.text


@pytest.mark.slapd
def test_a_mail_address_that_ends_as_a_realm_does(make_app: MakeApp, slapd: Slapd) -> None:
    app = make_app(
        **slapd_settings(slapd),
        PEOPLE_SIGN_IN_ATTRIBUTES="uid mail",
        PEOPLE_SSO_STRIP_REALM="northwind.example",
    )
    assert app.test_cli_runner().invoke(args=["people", "sync"]).exit_code == 0
    with app.app_context():
        session = plugin_of(app).session
        alice = session.scalars(select(Person).where(Person.handle == "alice")).one()
        mail = alice.mail
    for name in (mail, "alice@NORTHWIND.example"):
        assert tries(app.test_client(), name, "alice-password").status_code == 303, name


def test_an_attribute_is_no_filter() -> None:
    required = {"PEOPLE_LDAP_URI": "ldaps://dc1", "PEOPLE_LDAP_BASE_DN": "dc=x"}
    with pytest.raises(SettingsError, match="PEOPLE_SIGN_IN_ATTRIBUTES must name attributes"):
        read_settings(required | {"PEOPLE_SIGN_IN_ATTRIBUTES": "uid (cn=*)"})


# Active Directory.


@pytest.fixture
def windows(make_app: MakeApp, samba: Samba) -> Flask:
    app = make_app(
        PEOPLE_LDAP_URI=samba.ldaps_uri,
        PEOPLE_LDAP_CA_FILE=str(samba.ca_file),
        PEOPLE_LDAP_BASE_DN=samba.base_dn,
        PEOPLE_LDAP_BIND_DN=samba.service_dn,
        PEOPLE_LDAP_BIND_PASSWORD=samba.service_password,
        PEOPLE_LDAP_SCHEMA="ad",
        PEOPLE_SIGN_IN_ATTRIBUTES="sAMAccountName userPrincipalName mail",
        PEOPLE_SSO_STRIP_REALM="ADTEST",
    )
    assert app.test_cli_runner().invoke(args=["people", "sync"]).exit_code == 0
    return app


@pytest.mark.samba
@pytest.mark.parametrize("backend", ["sqlite"])
def test_by_the_names_that_windows_knows(windows: Flask, changing_samba: Samba) -> None:
    dn = people_of(changing_samba)["alice"].dn
    changing_samba.modify(
        f"dn: {dn}\nchangetype: modify\nreplace: userPrincipalName\nuserPrincipalName: al@ad.test\n"
    )
    for name in ("alice", "ADTEST\\alice", "adtest\\Alice", "al@ad.test"):
        client = windows.test_client()
        assert tries(client, name, "alice-password").status_code == 303, name
        assert client.get("/people/me").location == "/people/@alice"
    for name in ("OTHER\\alice", "alice@other.test"):
        assert tries(windows.test_client(), name, "alice-password").status_code == 403


@pytest.mark.samba
@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_first_password_that_has_to_be_changed(windows: Flask, changing_samba: Samba) -> None:
    dn = people_of(changing_samba)["alice"].dn
    changing_samba.modify(f"dn: {dn}\nchangetype: modify\nreplace: pwdLastSet\npwdLastSet: 0\n")
    client = windows.test_client()
    for _ in range(6):  # which is no guessing
        answer = tries(client, "alice", "alice-password")
        assert answer.status_code == 403
        assert html(WORDS[policy.MUST_CHANGE]) in answer.text
    # Who does not know the password learns nothing of it.
    assert html(REFUSED) in tries(client, "alice", "wrong").text
