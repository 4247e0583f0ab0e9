"""Kerberos tickets at our own door: a real KDC, a real directory, curl, and who is in."""

from __future__ import annotations

from base64 import b64decode

import pytest
from flask import Flask
from markupsafe import escape as html

from intranet_people.settings.settings import SettingsError
from intranet_people.signin.bind import NO_GROUP

from ... import SECRET_KEY
from ...conftest import slapd_settings
from ...servers.kerberos import Kerberos
from ...servers.slapd import Slapd
from ..conftest import PEOPLE_DN
from ..test_session import ELSEWHERE
from ..tickets import NEEDS_GSSAPI, negotiate
from .conftest import Make, Visit, offers

pytestmark = [pytest.mark.kerberos, pytest.mark.slapd, NEEDS_GSSAPI]


@pytest.mark.parametrize("ways", ["spnego", "spnego ldap", "ldap spnego", "header spnego ldap"])
def test_a_ticket_opens_the_door(make: Make, visit: Visit, ways: str) -> None:
    app = make(ways, PEOPLE_SSO_HEADER="X-User", PEOPLE_SSO_TRUSTED_PROXIES="127.0.0.9")
    curl = visit(app, "alice")
    answer = curl.ask("/people/@bob", "-L", "--anyauth", "-u", ":")
    assert answer.status == 200
    assert "Bob" in answer.text
    question, proof = answer.challenges
    assert question == "Negotiate"
    assert b64decode(proof.removeprefix("Negotiate ")).startswith(b"\xa1")  # a NegTokenResp
    assert curl.me() == "alice"
    # From then on the session is enough.
    assert curl.ask("/people/").status == 200
    assert curl.ask("/people/sign-in").location == "/people/"


def test_a_ticket_for_each_name_of_the_site(both: Flask, visit: Visit, kerberos: Kerberos) -> None:
    alice = kerberos.ticket("alice")
    for service in ("HTTP/localhost", "HTTP/people.example"):
        assert offers(visit(both), negotiate(alice, service)) == (303, "alice")


def test_a_group_may_be_needed(make: Make, visit: Visit, changing_slapd: Slapd) -> None:
    dn = f"cn=Intranet,ou=groups,{Slapd.base_dn}"
    changing_slapd.add(
        f"dn: {dn}\nobjectClass: groupOfNames\ncn: Intranet\nmember: uid=alice,{PEOPLE_DN}\n"
    )
    app = make("spnego", PEOPLE_SIGN_IN_GROUPS=[dn])
    assert visit(app, "alice").get("/people/sign-in").status == 303
    curl = visit(app, "bob")
    answer = curl.get("/people/sign-in")
    assert answer.status == 403
    assert html(NO_GROUP) in answer.text
    assert curl.me() == ""


def test_the_session_is_a_new_one(both: Flask, kerberos: Kerberos) -> None:
    client = both.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = session["csrf_token"] = "planted by somebody else"
    header = {"Authorization": negotiate(kerberos.ticket("alice"))}
    assert client.get("/people/sign-in", headers=header).status_code == 303
    with client.session_transaction() as session:
        assert "planted" not in session["_user_id"]
        assert "csrf_token" not in session
        assert not [key for key in session if "ticket" in key]


def test_next_never_leads_away(both: Flask, kerberos: Kerberos) -> None:
    alice = kerberos.ticket("alice")
    for target in (*ELSEWHERE, "/people/@bob"):
        header = {"Authorization": negotiate(alice)}
        answer = both.test_client().get(
            "/people/sign-in", query_string={"next": target}, headers=header
        )
        there = "/people/@bob" if target == "/people/@bob" else "/people/"
        assert (answer.status_code, answer.location) == (303, there), target


def test_sign_in_by_ticket_is_not_for_a_host_with_its_own(make: Make, slapd: Slapd) -> None:
    from flask_login import LoginManager

    from intranet_people import IntranetPeople

    app = Flask("host")
    app.config.update(SECRET_KEY=SECRET_KEY, PEOPLE_SIGN_IN="spnego", **slapd_settings(slapd))
    LoginManager(app)
    with pytest.raises(SettingsError, match="PEOPLE_SIGN_IN has spnego, but this app"):
        IntranetPeople(app)
