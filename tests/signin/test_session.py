"""The session: new at sign-in, over at sign-out and for leavers, and where it leads."""

from urllib.parse import unquote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import escape as html
from sqlalchemy import update

from intranet_people.clock import now
from intranet_people.people.person import Person

from ..client import token_of
from ..conftest import plugin_of, sign_in
from .conftest import FORM, is_signed_in, token, tries

pytestmark = pytest.mark.slapd
ELSEWHERE = (
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    " //evil.example",
    "http://evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "evil.example",
    "///evil.example",
    "",
)


def cookie_of(client: FlaskClient) -> str:
    cookie = client.get_cookie("session")
    return cookie.value if cookie else ""


def test_a_new_session_at_sign_in(client: FlaskClient) -> None:
    with client.session_transaction() as session:
        session["_user_id"] = "planted by somebody else"
    old_token = token(client)
    old_cookie = cookie_of(client)
    form = {"name": "alice", "password": "alice-password", "csrf_token": old_token}
    assert client.post(FORM, data=form).status_code == 303
    assert cookie_of(client) != old_cookie
    with client.session_transaction() as session:
        assert "planted" not in session["_user_id"]
        assert "csrf_token" not in session
    client.get("/people/")  # a page with forms: it has a new token
    stale = client.post("/people/sign-out", data={"csrf_token": old_token})
    assert stale.status_code == 403
    assert is_signed_in(client)


def test_the_cookie_is_not_for_scripts_or_other_sites(client: FlaskClient) -> None:
    header = tries(client, "alice", "alice-password").headers["Set-Cookie"]
    assert "HttpOnly" in header
    assert "SameSite=Lax" in header


def test_next_never_leads_away(synced: Flask) -> None:
    for target in ELSEWHERE:
        client = synced.test_client()
        answer = tries(client, "alice", "alice-password", next=target)
        assert (answer.status_code, answer.location) == (303, "/people/"), target
        # Who is signed in already is led no further either.
        again = client.get(FORM, query_string={"next": target})
        assert (again.status_code, again.location) == (302, "/people/"), target


def test_next_on_this_site_is_kept(synced: Flask) -> None:
    for target in ("/", "/people/@bob", "/people/search?q=j%C3%B6rg&page=2"):
        client = synced.test_client()
        form = client.get(FORM, query_string={"next": target}).text
        assert f'value="{html(target)}"' in form
        assert tries(client, "alice", "wrong", next=target).status_code == 403
        assert tries(client, "alice", "alice-password", next=target).location == target


def test_from_the_page_that_asked_and_back(client: FlaskClient) -> None:
    asked = client.get("/people/search?q=jörg")
    assert asked.status_code == 302
    assert "/people/sign-in?next=" in asked.location
    target = client.get(asked.location).text.partition('name="next" value="')[2].partition('"')[0]
    back = tries(client, "alice", "alice-password", next=target).location
    assert unquote(back) == "/people/search?q=jörg"
    assert "Firmware Developer" in client.get(back).text


def test_no_sign_in_without_our_token(client: FlaskClient) -> None:
    for sent in ("", "x", "IjEyMyI.x.y"):
        form = {"name": "alice", "password": "alice-password", "csrf_token": sent}
        assert client.post(FORM, data=form).status_code == 403
        token(client)
        assert client.post(FORM, data=form).status_code == 403
    assert not is_signed_in(client)


def test_sign_out_is_a_form(client: FlaskClient) -> None:
    sign_in(client, "alice", "alice-password")
    assert client.get("/people/sign-out").status_code == 404
    assert client.post("/people/sign-out").status_code == 403
    assert is_signed_in(client)
    client.get("/people/")
    with client.session_transaction() as session:
        assert "csrf_token" in session
    page = client.get("/people/").text
    sent = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    answer = client.post("/people/sign-out", data={"csrf_token": sent})
    assert (answer.status_code, answer.location) == (303, "/people/sign-in?signed_out=1")
    assert "You are signed out." in client.get(answer.location).text
    assert not is_signed_in(client)
    with client.session_transaction() as session:
        assert "_user_id" not in session


def test_a_leavers_session_ends_at_the_next_request(synced: Flask) -> None:
    client = synced.test_client()
    sign_in(client, "alice", "alice-password")
    with synced.app_context():
        session = plugin_of(synced).session
        session.execute(update(Person).where(Person.handle == "alice").values(left_at=now()))
        session.commit()
    assert not is_signed_in(client)
    assert client.get("/people/").status_code == 302
    assert client.get("/people/", headers={"HX-Request": "true"}).status_code == 401
    # The directory has them, with an active account: they are back.
    assert tries(client, "alice", "alice-password").status_code == 303
    assert is_signed_in(client)


def test_a_recycled_login_name_is_not_in_the_session_of_the_other(synced: Flask) -> None:
    client = synced.test_client()
    sign_in(client, "alice", "alice-password")
    with synced.app_context():
        session = plugin_of(synced).session
        session.execute(
            update(Person).where(Person.handle == "alice").values(handle=None, left_at=now())
        )
        session.execute(update(Person).where(Person.handle == "bob").values(handle="alice"))
        session.commit()
    assert not is_signed_in(client)


def test_a_renamed_person_stays_signed_in(synced: Flask) -> None:
    client = synced.test_client()
    sign_in(client, "alice", "alice-password")
    with synced.app_context():
        session = plugin_of(synced).session
        session.execute(update(Person).where(Person.handle == "alice").values(handle="aliddell"))
        session.commit()
    assert client.get("/people/me").location == "/people/@aliddell"


def test_what_the_host_keeps_in_the_session_stays(synced: Flask) -> None:
    """Ours begins and ends; the basket of the canteen is none of our business."""
    client = synced.test_client()
    with client.session_transaction() as cookie:
        cookie["basket"] = ["soup"]
    first = token(client)
    assert tries(client, "alice", "alice-password").status_code == 303
    assert is_signed_in(client)
    with client.session_transaction() as cookie:
        assert cookie["basket"] == ["soup"]
    page = client.get("/people/").text
    assert token_of(page) != first, "who planted the session knows its token"
    client.post("/people/sign-out", data={"csrf_token": token_of(page)})
    assert not is_signed_in(client)
    with client.session_transaction() as cookie:
        assert cookie["basket"] == ["soup"]
        assert "_user_id" not in cookie


def test_sessions_that_are_kept_on_a_server_get_another_number(synced: Flask) -> None:
    """As Flask-Session does it: the number that somebody planted is of no use."""
    renewed = []

    class Kept(type(synced.session_interface)):  # type: ignore[misc]
        def regenerate(self, session: object) -> None:
            renewed.append(session)

    synced.session_interface = Kept()
    assert tries(synced.test_client(), "alice", "alice-password").status_code == 303
    assert len(renewed) == 1
