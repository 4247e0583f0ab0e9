"""Kerberos tickets at our own door: a real KDC, a real directory, curl, and what is refused."""

from __future__ import annotations

import logging
import os
import shutil
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from markupsafe import escape as html
from sqlalchemy import update

from intranet_people.ldap.errors import DirectoryDown
from intranet_people.people.person import Person
from intranet_people.settings.read import read_settings
from intranet_people.settings.settings import SettingsError
from intranet_people.signin.bind import NO_GROUP
from intranet_people.signin.negotiate import DOWN, REFUSED, SignInFailed
from intranet_people.signin.negotiate import _while_it_is_down as while_it_is_down
from intranet_people.signin.newcomers import NEW_AND_DOWN
from intranet_people.signin.spnego import NoKeytab, Spnego
from intranet_people.web.guard import NOT_LISTED

from .. import SECRET_KEY
from ..client import token_of
from ..conftest import COMPANY, MakeApp, plugin_of, slapd_settings
from ..servers.kerberos import Kerberos
from ..servers.slapd import Slapd
from ..servers.web import serve
from .test_session import ELSEWHERE
from .test_spnego import NTLM
from .tickets import KRB5, NEEDS_GSSAPI, SPNEGO, Curl, negotiate, token

pytestmark = [pytest.mark.kerberos, pytest.mark.slapd, NEEDS_GSSAPI]
PEOPLE_DN = f"ou=people,{Slapd.base_dn}"
STRANGER = f"""\
dn: uid=stranger,{PEOPLE_DN}
objectClass: inetOrgPerson
uid: stranger
cn: Nobody Yet
sn: Yet
"""
LOCK = f"dn: uid=bob,{PEOPLE_DN}\nchangetype: modify\n%s: pwdAccountLockedTime\n"
NO_FORM = 'name="password"'
Visit = Callable[..., Curl]
Make = Callable[..., Flask]


@pytest.fixture
def backend() -> str:
    """What is stored is the same as with the form, whose tests run on both."""
    return "sqlite"


@pytest.fixture
def keytab(kerberos: Kerberos, tmp_path: Path) -> Path:
    """Of a site with two names; with the key of another service, as those of machines have it."""
    path = tmp_path / "keytab"
    names = ("HTTP/people.example", "HTTP/localhost", "ldap/localhost")
    kerberos.keytab(*names).rename(path)
    return path


@pytest.fixture
def make(make_app: MakeApp, slapd: Slapd, keytab: Path, in_the_realm: None) -> Make:
    """An app with the twelve of Northwind, by these ways to sign in."""

    def of(sign_in: str, **settings: object) -> Flask:
        ours = {"PEOPLE_SIGN_IN": sign_in, "PEOPLE_SPNEGO_KEYTAB": str(keytab)}
        app = make_app(**slapd_settings(slapd) | ours | settings)
        assert app.test_cli_runner().invoke(args=["people", "sync"]).exit_code == 0
        return app

    return of


@pytest.fixture
def both(make: Make) -> Flask:
    return make("spnego ldap")


@pytest.fixture
def visit(kerberos: Kerberos, tmp_path: Path) -> Iterator[Visit]:
    """Serves an app, and gives a browser to visit it: of that person, or of nobody."""
    serving = []
    jars = tmp_path / "jars"
    jars.mkdir()

    def to(app: Flask, name: str = "", **ticket: int) -> Curl:
        server = serve(app)
        serving.append(server)
        environment = kerberos.ticket(name, **ticket) if name else kerberos.no_ticket()
        return Curl(server.__enter__(), jars, environment)

    yield to
    for server in serving:
        server.__exit__(None, None, None)


@contextmanager
def as_somebody_else() -> Iterator[None]:
    """Root may read everything."""
    if os.getuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def offers(curl: Curl, header: str) -> tuple[int, str]:
    """The status, and who came in by that header."""
    answer = curl.ask("/people/sign-in", "-H", f"Authorization: {header}")
    if answer.status != 303:
        assert answer.challenges == []
    return answer.status, curl.me()


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


@pytest.mark.parametrize("header", ["Basic YWxpY2U6YWxpY2UtcGFzc3dvcmQ=", "Bearer YIIC"])
def test_what_is_for_a_server_in_front(both: Flask, visit: Visit, header: str) -> None:
    """Whoever had to give a password there is asked for a ticket all the same."""
    curl = visit(both)
    answer = curl.ask("/people/sign-in", "-H", f"Authorization: {header}")
    assert (answer.status, answer.challenges) == (401, ["Negotiate"])
    assert NO_FORM in answer.text


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


def test_who_has_no_ticket_gets_the_form(both: Flask, visit: Visit) -> None:
    curl = visit(both)
    asked = curl.ask("/people/@bob")
    assert (asked.status, asked.location) == (302, "/people/sign-in?next=/people/@bob")
    answer = curl.get(asked.location)
    assert (answer.status, answer.challenges) == (401, ["Negotiate"])
    assert NO_FORM in answer.text
    # Nobody is asked twice.
    again = curl.get("/people/sign-in?next=/people/@bob")
    assert (again.status, again.challenges) == (200, [])
    form = {"name": "alice", "password": "alice-password", "next": "/people/@bob"}
    form["csrf_token"] = token_of(again.text)
    fields = [part for field in form.items() for part in ("--data-urlencode", "=".join(field))]
    answer = curl.ask("/people/sign-in", *fields)
    assert (answer.status, answer.location) == (303, "/people/@bob")
    assert curl.me() == "alice"


def test_whoever_chooses_to_is_asked_again(both: Flask, visit: Visit) -> None:
    curl = visit(both, "alice")
    page = curl.ask("/people/sign-in?next=/people/@bob").text
    assert curl.ask("/people/sign-in").challenges == []
    assert 'href="/people/sign-in/ask?next=/people/@bob"' in page
    answer = curl.get("/people/sign-in/ask?next=/people/@bob", "-L")
    assert answer.status == 200
    assert curl.me() == "alice"


def test_fragments_are_not_asked(both: Flask, visit: Visit) -> None:
    for path in ("/people/", "/people/sign-in"):
        answer = visit(both, "alice").get(path, "-H", "HX-Request: true")
        assert answer.challenges == []


def test_alone_there_is_no_form(make: Make, visit: Visit) -> None:
    app = make("spnego")
    curl = visit(app)
    answer = curl.get("/people/", "-L")
    assert (answer.status, answer.challenges) == (401, ["Negotiate"])
    assert NO_FORM not in answer.text
    assert "Please come from a computer of the company" in answer.text
    form = {"name": "alice", "password": "alice-password"}
    assert app.test_client().post("/people/sign-in", data=form).status_code in (403, 404)
    app.config["WTF_CSRF_ENABLED"] = False
    assert app.test_client().post("/people/sign-in", data=form).status_code == 404


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


def test_who_signs_out_stays_out(both: Flask, visit: Visit, kerberos: Kerberos) -> None:
    curl = visit(both, "alice")
    page = curl.get("/people/", "-L").text
    assert "Sign out" in page
    out = curl.get("/people/sign-out", "-d", f"csrf_token={token_of(page)}")
    assert (out.status, out.location) == (303, "/people/sign-in")
    answer = curl.get("/people/", "-L")
    assert (answer.status, answer.challenges) == (200, [])
    assert "You are signed out." in answer.text
    # Some browsers go on sending a ticket unasked.
    assert offers(curl, negotiate(kerberos.ticket("alice"))) == (200, "")
    curl.get("/people/sign-in/ask", "-L")
    assert curl.me() == "alice"


# Refused.


def test_what_is_no_good_ticket(
    both: Flask, visit: Visit, kerberos: Kerberos, caplog: pytest.LogCaptureFixture
) -> None:
    alice = kerberos.ticket("alice")
    good = token(alice, "HTTP/localhost")
    other = b64encode(token(alice, "HTTP/localhost")[:-40] + bytes(40)).decode()
    # An offer of mechanisms without a token (RFC 4178, 4.2.1): the beginning of a conversation.
    offer = "YBwGBisGAQUFAqASMBCgDjAMBgorBgEEAYI3AgIK"
    kerberos_offer = "YBsGBisGAQUFAqARMA+gDTALBgkqhkiG9xIBAgI="
    for header in (
        f"Negotiate {NTLM}",
        f"Negotiate {offer}",
        f"Negotiate {kerberos_offer}",
        f"Negotiate {other}",
        "Negotiate " + b64encode(good[:200]).decode(),
        "Negotiate " + b64encode(good[:-1]).decode(),
        "Negotiate " + b64encode(b"nonsense" * 100).decode(),
        "Negotiate ???",
        "Negotiate",
        "Negotiate " + "A" * 60_000,
        # Of the same keytab, but not meant for us.
        negotiate(alice, "ldap/localhost"),
        negotiate(alice, "ldap/localhost", KRB5),
        # Of a name that we do not have.
        negotiate(alice, "HTTP/other.example"),
    ):
        caplog.clear()
        curl = visit(both)
        assert offers(curl, header) == (401, ""), header
        (record,) = (r for r in caplog.records if r.name.startswith("intranet_people"))
        assert record.levelno == logging.WARNING
        assert "Sign-in by Kerberos refused: " in record.getMessage()
        assert "alice" not in caplog.text
        # Nor is anybody asked after that.
        page = curl.ask("/people/sign-in")
        assert (page.status, page.challenges) == (200, [])


def test_the_page_of_a_refused_ticket(both: Flask, visit: Visit) -> None:
    answer = visit(both).ask("/people/sign-in", "-H", f"Authorization: Negotiate {NTLM}")
    assert html(REFUSED) in answer.text
    assert NO_FORM in answer.text


@pytest.mark.parametrize("mechanism", [SPNEGO, KRB5])
def test_a_ticket_is_good_once(
    both: Flask, visit: Visit, kerberos: Kerberos, mechanism: str
) -> None:
    header = negotiate(kerberos.ticket("alice"), mechanism=mechanism)
    assert offers(visit(both), header) == (303, "alice")
    assert offers(visit(both), header) == (401, "")


def test_a_ticket_for_each_name_of_the_site(both: Flask, visit: Visit, kerberos: Kerberos) -> None:
    alice = kerberos.ticket("alice")
    for service in ("HTTP/localhost", "HTTP/people.example"):
        assert offers(visit(both), negotiate(alice, service)) == (303, "alice")


def test_an_expired_ticket(
    both: Flask,
    visit: Visit,
    kerberos: Kerberos,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("KRB5_CONFIG", str(kerberos.configuration("exact.conf", clock_skew=1)))
    header = negotiate(kerberos.ticket("alice", seconds=2))
    time.sleep(4)
    assert offers(visit(both), header) == (401, "")
    assert "refused: Ticket expired" in caplog.text


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


# Whom the directory knows.


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
    assert "no person" in caplog.text or "no active person" in caplog.text
    assert "stranger" not in caplog.text
    # They may have another account.
    assert NO_FORM in answer.text
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
    changing_slapd.modify(LOCK % "add" + "pwdAccountLockedTime: 000001010000Z\n")
    sync = both.test_cli_runner().invoke(args=["people", "sync"])
    assert sync.exit_code == 0
    assert curl.me() == ""
    answer = curl.get("/people/", "-L")
    assert answer.status == 403
    assert html(NOT_LISTED % {"name": "bob"}) in answer.text
    assert curl.me() == ""
    changing_slapd.modify(LOCK % "delete")
    curl = visit(both, "bob")
    curl.get("/people/", "-L")
    assert curl.me() == "bob"


# The keytab.


def test_a_keytab_that_is_not_there(make: Make, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"PEOPLE_SPNEGO_KEYTAB names .*, which is no file"):
        make("spnego", PEOPLE_SPNEGO_KEYTAB=str(tmp_path / "none"))


@pytest.mark.parametrize("content", [b"", b"nonsense"])
def test_a_keytab_without_our_keys_is_told_at_the_start(
    make: Make, tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    broken = tmp_path / "broken"
    broken.write_bytes(content)
    make("spnego ldap", PEOPLE_SPNEGO_KEYTAB=str(broken))
    assert "Nobody can sign in by Kerberos: " in caplog.text
    assert "PEOPLE_SPNEGO_KEYTAB has to name a keytab" in caplog.text


def test_a_keytab_that_cannot_be_read(keytab: Path) -> None:
    spnego = Spnego(str(keytab))
    spnego.check()
    keytab.chmod(0)
    with as_somebody_else(), pytest.raises(NoKeytab, match="Permission denied"):
        spnego.accept("Negotiate YIIC")


def test_a_keytab_in_a_folder_that_is_closed(make: Make, tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0)
    settings = {**COMPANY, "PEOPLE_SPNEGO_KEYTAB": str(tmp_path / "closed/keytab")}
    with as_somebody_else(), pytest.raises(SettingsError, match="which is no file"):
        read_settings(settings)


def test_the_keytab_of_another_service_is_told_at_the_start(
    make: Make, kerberos: Kerberos, visit: Visit, caplog: pytest.LogCaptureFixture
) -> None:
    app = make("spnego ldap", PEOPLE_SPNEGO_KEYTAB=str(kerberos.keytab("ldap/localhost")))
    assert "No key table entry found matching HTTP/" in caplog.text
    assert visit(app, "alice").get("/people/sign-in").status == 503


def test_a_keytab_that_goes_and_comes(
    both: Flask, keytab: Path, visit: Visit, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    away = shutil.move(keytab, tmp_path / "away")
    curl = visit(both, "alice")
    answer = curl.get("/people/", "-L")
    assert (answer.status, answer.challenges) == (503, [])
    assert html(DOWN) in answer.text
    assert NO_FORM in answer.text
    (record,) = (r for r in caplog.records if r.levelno == logging.ERROR)
    assert f"'{keytab}' not found" in record.getMessage()
    shutil.move(away, keytab)
    curl.get("/people/sign-in/ask", "-L")
    assert curl.me() == "alice"


def test_without_the_setting_it_is_the_systems(
    make: Make, keytab: Path, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KRB5_KTNAME", str(keytab))
    curl = visit(make("spnego", PEOPLE_SPNEGO_KEYTAB=""), "alice")
    curl.get("/people/", "-L")
    assert curl.me() == "alice"


def test_sign_in_by_ticket_is_not_for_a_host_with_its_own(make: Make, slapd: Slapd) -> None:
    from flask_login import LoginManager

    from intranet_people import IntranetPeople

    app = Flask("host")
    app.config.update(SECRET_KEY=SECRET_KEY, PEOPLE_SIGN_IN="spnego", **slapd_settings(slapd))
    LoginManager(app)
    with pytest.raises(SettingsError, match="PEOPLE_SIGN_IN has spnego, but this app"):
        IntranetPeople(app)
