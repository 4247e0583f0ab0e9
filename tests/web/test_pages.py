"""What every view shares: safe targets, headers, kind errors."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_login import LoginManager
from flask_wtf.csrf import CSRFProtect
from jinja2 import ChoiceLoader, DictLoader, StrictUndefined
from sqlalchemy import event
from sqlalchemy.exc import NoResultFound, OperationalError
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from intranet_people import IntranetPeople, SettingsError
from intranet_people.web.render import current_path
from intranet_people.web.security import safe_path
from intranet_people.widgets.widget import people_widget

from .. import SECRET_KEY
from ..client import Browser
from ..conftest import COMPANY, close


@pytest.mark.parametrize("path", ["/", "/people/", "/people/search?q=a%20b", "/a#b", "/å"])
def test_paths_on_this_site(path: str) -> None:
    assert safe_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        None,
        "",
        "people",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "\t//evil.example",
        " //evil.example",
        "https://evil.example",
        "https:/evil.example",
        "javascript:alert(1)",
        "/ /evil.example",
        "/\x7f/evil.example",
    ],
)
def test_paths_to_elsewhere(path: str | None) -> None:
    assert safe_path(path) is None


def test_headers_of_our_pages(company_app: Flask) -> None:
    headers = Browser(company_app, "tomas").get("/people/").headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_no_inline_script_or_style(company_app: Flask) -> None:
    tomas = Browser(company_app, "tomas")
    for path in ("/people/", "/people/@dana", "/people/meetings", "/people/hellos"):
        page = tomas.get(path).text
        assert "<style" not in page
        assert " style=" not in page
        assert "hx-on" not in page
        assert "<script>" not in page


def test_templates_use_what_htmx_2_and_4_share() -> None:
    """Targets and swaps are said on each element, as htmx 4 inherits nothing."""
    folder = Path(__file__).parents[2] / "intranet_people/templates"
    for file in folder.rglob("*.html"):
        for tag in file.read_text().split("<"):
            if "hx-get=" in tag or "hx-post=" in tag:
                assert "hx-target=" in tag, (file.name, tag)
                assert "hx-swap=" in tag, (file.name, tag)
            for eager in ("hx-on", "js:", "hx-boost", "hx-vals", "hx-ext", "hx-confirm"):
                assert eager not in tag, (file.name, eager)


def test_static_files_may_be_kept(company_app: Flask) -> None:
    answer = company_app.test_client().get("/people/static/people.css?v=1")
    assert answer.status_code == 200
    assert "no-store" not in answer.headers.get("Cache-Control", "")
    answer.close()


def test_database_that_does_not_answer(
    company_app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    """A plain page, the cause in the log, and it recovers alone."""
    tomas = Browser(company_app, "tomas")
    with company_app.app_context():
        engine = company_app.extensions["sqlalchemy"].engine

    def fail(*args: object) -> None:
        raise OperationalError("SELECT", {}, Exception("database is locked"))

    event.listen(engine, "before_cursor_execute", fail)
    answer = tomas.get("/people/")
    health = tomas.get("/people/health")
    badge = tomas.get("/people/hellos/badge?n=0", htmx=True)
    with company_app.test_request_context("/"):
        widget = people_widget("card", "dana")
    event.remove(engine, "before_cursor_execute", fail)
    assert (health.status_code, health.json) == (503, {"status": "down"})
    assert (badge.status_code, badge.text) == (204, ""), "it asks again in a minute"
    assert widget == "", "the host's page goes on"
    assert answer.status_code == 503
    assert "Nothing was lost" in answer.text
    assert "database is locked" in caplog.text
    assert "database is locked" not in answer.text
    assert tomas.get("/people/").status_code == 200


@pytest.fixture
def host(company_url: str) -> Iterator[Flask]:
    """A Flask app that has nothing of its own."""
    app = Flask("host")
    app.config.update(SECRET_KEY=SECRET_KEY, SQLALCHEMY_DATABASE_URI=company_url, **COMPANY)
    yield app
    if "intranet_people" in app.extensions:
        close(app)


def test_options_of_the_extension(host: Flask) -> None:
    """Given when it is made, or when it is moved in."""
    people = IntranetPeople(viewer=lambda: "tomas")
    people.init_app(host, url_prefix="/staff")
    client = host.test_client()
    assert "My profile" in client.get("/staff/").text
    assert client.get("/people/").status_code == 404


def test_viewer_that_names_nobody(host: Flask) -> None:
    """Signed in, but not in the directory: to be asked to sign in again would never end."""
    IntranetPeople(host, viewer=lambda: "nobody")
    answer = host.test_client().get("/people/")
    assert answer.status_code == 403
    assert "do not list you yet" in answer.text


def test_viewer_that_raises(host: Flask, caplog: pytest.LogCaptureFixture) -> None:
    def failing() -> str:
        raise KeyError("sub")

    IntranetPeople(host, viewer=failing)
    answer = host.test_client().get("/people/")
    assert answer.status_code == 401
    assert "Please sign in" in answer.text
    failures = [r for r in caplog.records if "The viewer of IntranetPeople failed" in r.message]
    assert len(failures) == 1
    assert failures[0].exc_info
    with host.test_request_context("/"):
        assert people_widget("meetings") == ""


def test_viewer_that_asks_its_database_for_nobody(host: Flask) -> None:
    """`scalar_one()` of a stranger is no fault of the database."""

    def failing() -> str:
        raise NoResultFound

    IntranetPeople(host, viewer=failing)
    assert host.test_client().get("/people/").status_code == 401


@pytest.mark.parametrize("name", [5, b"tomas", True, object(), "\u212aenji", "to\0mas", ""])
def test_viewer_that_returns_odd_things(host: Flask, name: Any) -> None:
    IntranetPeople(host, viewer=lambda: name)
    assert host.test_client().get("/people/").status_code == 401
    with host.test_request_context("/"):
        assert people_widget("meetings") == ""


@pytest.mark.parametrize(("name", "is_tomas"), [(" tomas\n", True), ("tomas\u2028", False)])
def test_blanks_around_a_name(host: Flask, name: str, is_tomas: bool) -> None:
    """Those of text files are nothing; others make it the name of somebody else."""
    IntranetPeople(host, viewer=lambda: name)
    assert (host.test_client().get("/people/me").location == "/people/@tomas") is is_tomas


def test_a_session_that_the_host_puts_away(host: Flask) -> None:
    IntranetPeople(host, viewer=lambda: "tomas")
    with host.test_request_context("/"):
        assert "Dana" in people_widget("card", "dana")
        session = host.extensions["sqlalchemy"].session
        session.commit()
        session.remove()
        assert "Dana" in people_widget("card", "dana")
        assert "ip-search" in people_widget("search")


def test_two_people_in_one_context(host: Flask) -> None:
    """As in a test or a command of the host's, which keeps an app context over requests."""
    name = "tomas"
    IntranetPeople(host, viewer=lambda: name)
    with host.app_context():
        assert host.test_client().get("/people/me").location == "/people/@tomas"
        name = "dana"
        assert host.test_client().get("/people/me").location == "/people/@dana"


def test_below_another_path(host: Flask) -> None:
    """Where the whole host is mounted below a path (SCRIPT_NAME), we lead back below it."""
    IntranetPeople(host, viewer=lambda: None)
    LoginManager(host).login_view = "login"
    host.config["PEOPLE_SIGN_IN"] = ["ldap"]
    with host.test_request_context("/people/@dana?q=%C3%A5", base_url="http://x/intra"):
        assert current_path() == "/intra/people/@dana?q=%C3%A5"


def test_checked_by_us_where_the_hosts_protection_checks_nothing(host: Flask) -> None:
    host.config["WTF_CSRF_CHECK_DEFAULT"] = False
    CSRFProtect(host)
    IntranetPeople(host, viewer=lambda: "tomas")
    assert host.test_client().post("/people/@dana/follow").status_code == 403


def test_a_boosted_link_gets_the_whole_page(company_app: Flask) -> None:
    tomas = Browser(company_app, "tomas").client
    for header in ("HX-Boosted", "HX-History-Restore-Request"):
        headers = {"HX-Request": "true", header: "true"}
        assert tomas.get("/people/", headers=headers).text.startswith("<!doctype html>")


def test_every_value_is_named(company_app: Flask) -> None:
    """A host may be strict about undefined names, or have such names of its own."""
    company_app.jinja_env.undefined = StrictUndefined
    names = ("placement", "newest", "unread", "focus")
    company_app.context_processor(lambda: dict.fromkeys(names, "x"))
    tomas = Browser(company_app, "tomas")
    for path in (
        "/people/",
        "/people/search?q=dana",
        "/people/@dana",
        "/people/@dana/card",
        "/people/meetings",
        "/people/hellos",
        "/people/hellos/badge",
        "/people/following",
        "/people/widgets/card?person=dana",
        "/people/widgets/search",
        "/people/widgets/meetings",
    ):
        for htmx in (False, True):
            assert tomas.get(path, htmx).status_code == 200, path
    assert tomas.post("/people/@dana/follow", htmx=True).status_code == 200


@pytest.mark.parametrize(
    ("layout", "said"),
    [
        ("<main>{% block main %}{% endblock %}{% block end %}{% endblock %}</main>", "end, main:"),
        ("<main></main>", "none:"),
        ("{% extends 'site.html' %}{% block inner %}{% endblock %}", "body, inner:"),
    ],
)
def test_layout_without_our_block_is_named(host: Flask, layout: str, said: str) -> None:
    site = {"host.html": layout, "site.html": "{% block body %}{% endblock %}"}
    host.jinja_env.loader = ChoiceLoader([DictLoader(site), host.create_global_jinja_loader()])
    host.config["PEOPLE_BASE_TEMPLATE"] = "host.html"
    with pytest.raises(SettingsError, match=f"no block 'content', but {said} set PEOPLE_CONTENT_B"):
        IntranetPeople(host, viewer=lambda: "tomas")


@pytest.mark.parametrize("extended", ["theme", "'old.html' if theme else 'new.html'"])
def test_a_layout_that_a_request_chooses(host: Flask, extended: str) -> None:
    site = {"host.html": f"{{% extends {extended} %}}", "new.html": "<main></main>"}
    host.jinja_env.loader = ChoiceLoader([DictLoader(site), host.create_global_jinja_loader()])
    host.jinja_env.globals["theme"] = "new.html" if extended == "theme" else ""
    host.config["PEOPLE_BASE_TEMPLATE"] = "host.html"
    IntranetPeople(host, viewer=lambda: "tomas")
    host.testing = True
    with pytest.raises(SettingsError, match="no block 'content': set PEOPLE_CONTENT_BLOCK"):
        host.test_client().get("/people/")


def test_where_the_host_signs_people_in(host: Flask) -> None:
    host.config["PEOPLE_SIGN_IN_URL"] = "/login?from=people"
    IntranetPeople(host, viewer=lambda: None)
    client = host.test_client()
    asked = client.get("/people/search?q=a b&x=/")
    assert asked.location == "/login?from=people&next=/people/search%3Fq%3Da%2520b%26x%3D/"
    assert client.get("/people/", headers={"HX-Request": "true"}).status_code == 401


@pytest.mark.parametrize("url", ["login", "//evil.example", "javascript:alert(1)", "https://"])
def test_what_is_no_place_to_sign_in(host: Flask, url: str) -> None:
    host.config["PEOPLE_SIGN_IN_URL"] = url
    with pytest.raises(SettingsError, match="PEOPLE_SIGN_IN_URL must be a path as /login"):
        IntranetPeople(host)


def test_unknown_address_below_ours(company_app: Flask) -> None:
    answer = Browser(company_app, "tomas").get("/people/zzz")
    assert answer.status_code == 404
    assert "Not here" in answer.text


def test_nobody_may_frame_us(company_app: Flask) -> None:
    answer = Browser(company_app, "tomas").get("/people/")
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_a_fragment_for_one_who_signed_out_elsewhere(company_app: Flask) -> None:
    """The whole page is loaded anew, and asks for the sign-in; the badge does not."""
    tomas = Browser(company_app, "tomas")
    tomas.client.delete_cookie("session")
    for answer in (
        tomas.post("/people/@dana/follow", htmx=True),
        tomas.get("/people/search?q=a", htmx=True),
    ):
        assert answer.status_code == 401
        assert answer.headers["HX-Refresh"] == "true"
        assert answer.text == ""
    assert tomas.get("/people/hellos/badge?n=0", htmx=True).status_code == 204


def test_the_hosts_challenge_goes_through(host: Flask) -> None:
    IntranetPeople(host, viewer=lambda: None)

    challenge = WWWAuthenticate("negotiate")

    @host.before_request
    def ask() -> None:
        raise Unauthorized(www_authenticate=challenge)

    # As Werkzeug writes it: before 3.1 a blank follows.
    answer = host.test_client().get("/people/")
    assert answer.headers["WWW-Authenticate"] == challenge.to_header()


def test_our_sign_in_in_a_host_that_has_its_own_is_refused(host: Flask) -> None:
    LoginManager(host)
    host.config["PEOPLE_SIGN_IN"] = ["ldap"]
    with pytest.raises(SettingsError, match="leave PEOPLE_SIGN_IN at host"):
        IntranetPeople(host)


def test_the_hosts_login_manager_stays(host: Flask) -> None:
    manager = LoginManager(host)
    manager.user_loader(lambda user_id: None)
    manager.login_view = "login"
    host.add_url_rule("/login", "login", lambda: "log in here")
    IntranetPeople(host)
    assert host.login_manager is manager  # type: ignore[attr-defined]
    assert host.test_client().get("/people/").location.startswith("/login")


def test_no_page_believes_what_host_it_is_on(company_app: Flask) -> None:
    """Links and redirects are paths: who sends another Host header finds it nowhere."""
    signed_in = Browser(company_app, "tomas").client.get_cookie("session")
    assert signed_in
    client = company_app.test_client(use_cookies=False)
    headers = {
        "Host": "evil.example",
        "X-Forwarded-Host": "evil.example",
        "Forwarded": "host=evil.example",
        "Cookie": f"session={signed_in.value}",
    }
    for path in ("", "search?q=dana", "@dana", "@dana/card", "@dana/photo", "me", "meetings"):
        answer = client.get(f"/people/{path}", headers=headers)
        assert answer.status_code in (200, 302), path
        assert "evil.example" not in answer.text + str(answer.headers), path
    for path in ("", "@dana", "sign-in", "nowhere"):  # to a stranger
        answer = client.get(f"/people/{path}", headers=headers | {"Cookie": ""})
        assert "evil.example" not in answer.text + str(answer.headers), path
