"""Whose ticket it is: the directory says so, as it is now."""

from __future__ import annotations

import pytest
from flask import Flask
from markupsafe import escape as html
from sqlalchemy import update

from intranet_people.ldap.errors import DirectoryDown
from intranet_people.people.person import Person
from intranet_people.signin.negotiate import SignInFailed
from intranet_people.signin.negotiate import _while_it_is_down as while_it_is_down
from intranet_people.signin.newcomers import NEW_AND_DOWN
from intranet_people.web.guard import NOT_LISTED

from ...conftest import plugin_of
from ...servers.slapd import Slapd
from ..conftest import PEOPLE_DN, lock, unlock
from ..tickets import NEEDS_GSSAPI
from .conftest import PASSWORD_FIELD, Make, Visit

pytestmark = [pytest.mark.kerberos, pytest.mark.slapd, NEEDS_GSSAPI]
STRANGER = f"""\
dn: uid=stranger,{PEOPLE_DN}
objectClass: inetOrgPerson
uid: stranger
cn: Nobody Yet
sn: Yet
"""


def test_another_realm_is_another_alice(
    make: Make, visit: Visit, caplog: pytest.LogCaptureFixture
) -> None:
    app = make("spnego ldap")
    curl = visit(app, "alice@OTHER.TEST")
    answer = curl.get("/people/", "-L")
    assert answer.status == 403
    assert html(NOT_LISTED % {"name": "alice@OTHER.TEST"}) in answer.text
    assert curl.me() == ""
    assert "alice" not in caplog.text
    ours = make("spnego ldap", PEOPLE_SSO_STRIP_REALM="OTHER.TEST")
    curl = visit(ours, "alice@OTHER.TEST")
    curl.get("/people/", "-L")
    assert curl.me() == "alice"


def test_a_login_name_that_was_given_to_somebody_else(
    both: Flask, visit: Visit, changing_slapd: Slapd
) -> None:
    """Whose ticket it is, the directory says: not who had that name before."""
    changing_slapd.delete(f"uid=bob,{PEOPLE_DN}")
    changing_slapd.add(STRANGER.replace("stranger", "bob"))
    curl = visit(both, "bob")
    assert curl.get("/people/sign-in").status == 303
    assert "Nobody Yet" in curl.ask("/people/me", "-L").text
    assert "Bob" not in curl.ask("/people/me", "-L").text.partition("<h1>")[2]


def test_whom_the_directory_does_not_know(
    both: Flask, visit: Visit, changing_slapd: Slapd, caplog: pytest.LogCaptureFixture
) -> None:
    curl = visit(both, "stranger")
    answer = curl.get("/people/", "-L")
    assert (answer.status, answer.challenges) == (403, [])
    assert html(NOT_LISTED % {"name": "stranger"}) in answer.text
    assert "not a person" in caplog.text or "not an active person" in caplog.text
    assert "stranger" not in caplog.text
    # They may have another account.
    assert PASSWORD_FIELD in answer.text
    changing_slapd.add(STRANGER)
    curl.get("/people/sign-in/ask", "-L")
    assert curl.me() == "stranger"


def test_a_directory_that_is_down_keeps_only_newcomers_out(
    both: Flask, visit: Visit, changing_slapd: Slapd, caplog: pytest.LogCaptureFixture
) -> None:
    changing_slapd.stop()
    answer = visit(both, "stranger").get("/people/sign-in")
    assert answer.status == 503
    assert html(NEW_AND_DOWN) in answer.text
    assert "the directory cannot be asked" in caplog.text
    curl = visit(both, "alice")
    curl.get("/people/sign-in")
    assert curl.me() == "alice"


def test_a_directory_that_is_down_keeps_out_a_login_name_of_several(
    both: Flask, visit: Visit, changing_slapd: Slapd
) -> None:
    """The ticket may be of either: which, only the directory can say."""
    with both.app_context():
        session = plugin_of(both).session
        session.execute(update(Person).where(Person.handle == "bob").values(handle="alice~2"))
        session.commit()
    changing_slapd.stop()
    curl = visit(both, "alice")
    answer = curl.get("/people/sign-in")
    assert answer.status == 503
    assert curl.me() == ""
    with both.test_request_context("/"), pytest.raises(SignInFailed):
        while_it_is_down("alice~2", DirectoryDown("stopped"))


def test_who_left_is_out_and_who_returns_is_in(
    both: Flask, visit: Visit, changing_slapd: Slapd
) -> None:
    curl = visit(both, "bob")
    curl.get("/people/", "-L")
    assert curl.me() == "bob"
    lock(changing_slapd, "bob")
    sync = both.test_cli_runner().invoke(args=["people", "sync"])
    assert sync.exit_code == 0
    assert curl.me() == ""
    answer = curl.get("/people/", "-L")
    assert answer.status == 403
    assert html(NOT_LISTED % {"name": "bob"}) in answer.text
    assert curl.me() == ""
    unlock(changing_slapd, "bob")
    curl = visit(both, "bob")
    curl.get("/people/", "-L")
    assert curl.me() == "bob"
