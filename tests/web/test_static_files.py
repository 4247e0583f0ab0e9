"""Our files are everybody's: what is beside them says nothing of who asks, as caches keep it."""

from __future__ import annotations

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient
from flask_wtf.csrf import CSRFProtect
from sqlalchemy.exc import OperationalError
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized
from werkzeug.test import TestResponse

from intranet_people.web.security import CONTENT_SECURITY_POLICY

from ..client import Browser
from ..hosts.conftest import MakeHost, make, move_in
from ..hosts.known import HOSTS, Host
from ..queries import counted

__all__ = ["make", "move_in"]
NOT_FOUND = ("nope.js", "", "vendor", "vendor/", "/nope.js", "%2e%2e/web.py", "a%00b", "x" * 5000)
REFUSED = ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


def told(answer: TestResponse) -> tuple[int, bytes, list[tuple[str, str]]]:
    """Every byte of an answer but the time."""
    headers = [(name, value) for name, value in answer.headers if name != "Date"]
    return answer.status_code, answer.data, headers


def assert_is_plain(answer: TestResponse, status: int) -> None:
    """A refusal that is the same for everybody, and kept by nobody."""
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "<" not in answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")


@pytest.mark.parametrize("path", NOT_FOUND)
def test_a_file_that_is_not_there_knows_no_viewer(company_app: Flask, path: str) -> None:
    tomas, stranger = Browser(company_app, "tomas").client, company_app.test_client()
    with counted(company_app) as asked:
        answer = tomas.get(f"/people/static/{path}")
    assert asked == []
    assert_is_plain(answer, 404)
    assert told(answer) == told(stranger.get(f"/people/static/{path}"))


@pytest.mark.parametrize("method", REFUSED)
@pytest.mark.parametrize("path", ["people.css", "nope.js", ""])
def test_a_method_that_no_file_has_knows_no_viewer(
    company_app: Flask, method: str, path: str
) -> None:
    tomas, stranger = Browser(company_app, "tomas").client, company_app.test_client()
    with counted(company_app) as asked:
        answer = tomas.open(f"/people/static/{path}", method=method)
    assert asked == []
    assert_is_plain(answer, 405)
    assert answer.headers["Allow"] == "GET, HEAD"
    assert told(answer) == told(stranger.open(f"/people/static/{path}", method=method))


def test_a_part_of_a_file_that_is_not_there_knows_no_viewer(company_app: Flask) -> None:
    headers = {"Range": "bytes=9999999-"}
    answer = Browser(company_app, "tomas").client.get("/people/static/people.css", headers=headers)
    assert_is_plain(answer, 416)
    assert answer.headers["Content-Range"].startswith("bytes */")


def test_a_file_is_kept_as_ever(company_app: Flask) -> None:
    """And its address stays what it was."""
    company_app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 3600
    tomas = Browser(company_app, "tomas").client
    with counted(company_app) as asked:
        first = tomas.get("/people/static/people.css?v=1")
    assert asked == []
    assert first.status_code == 200
    assert first.mimetype == "text/css"
    assert first.headers["Cache-Control"] == "public, max-age=3600"
    assert "Content-Security-Policy" not in first.headers
    assert "Vary" not in first.headers
    assert "Set-Cookie" not in first.headers
    stranger = company_app.test_client()
    assert told(first) == told(stranger.get("/people/static/people.css?v=1", buffered=True))
    again = {"If-None-Match": first.headers["ETag"]}
    kept = tomas.get("/people/static/people.css", headers=again)
    assert (kept.status_code, kept.headers["Cache-Control"]) == (304, "public, max-age=3600")
    part = tomas.get("/people/static/people.css", headers={"Range": "bytes=0-9"})
    assert (part.status_code, part.data) == (206, first.data[:10])
    head = tomas.head("/people/static/people.css")
    assert (head.status_code, head.data) == (200, b"")
    page = tomas.get("/people/").text
    assert 'href="/people/static/people.css?v=' in page
    for answer in (first, kept, part, head):
        answer.close()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 302),
        ("GET", "/people", 308),
        ("GET", "/nowhere", 404),
        ("GET", "/people//static/people.css", 308),
        ("PROPFIND", "/people/static/people.css", 405),
        ("POST", "/people/meetings", 405),
    ],
)
def test_what_is_no_page_of_the_stand_alone_app_is_kept_by_nobody(
    company_app: Flask, method: str, path: str, status: int
) -> None:
    tomas, stranger = Browser(company_app, "tomas").client, company_app.test_client()
    answer = tomas.open(path, method=method)
    assert answer.status_code == status
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert "Set-Cookie" not in answer.headers
    assert "Vary" not in answer.headers
    assert told(answer) == told(stranger.open(path, method=method))


LAYOUT = "{{ current }}<main>{% block content %}{% endblock %}</main>"


def signed_in(app: Flask) -> FlaskClient:
    client = app.test_client()
    assert client.get("/come/tomas").status_code == 200
    return client


@pytest.mark.parametrize("prefix", ["/people", "/", "/a/b"])
def test_so_it_is_in_a_hosts_layout_and_wherever_we_are(make: MakeHost, prefix: str) -> None:
    """A host's layout may look at its session, and its error pages too: neither is asked."""
    app = make(url_prefix=prefix, PROPAGATE_EXCEPTIONS=False)
    app.register_error_handler(Exception, lambda e: (render_template_string(LAYOUT), 418))
    tomas, stranger = signed_in(app), app.test_client()
    files = "/intranet_people" if prefix == "/" else f"{prefix}/static"
    for path in NOT_FOUND:
        if prefix == "/" and path == "/nope.js":
            continue  # merged slashes: the host's own redirect
        answer = tomas.get(f"{files}/{path}")
        assert_is_plain(answer, 404)
        assert told(answer) == told(stranger.get(f"{files}/{path}"))
    assert_is_plain(tomas.post(f"{files}/people.css"), 405)
    file = tomas.get(f"{files}/people.css")
    assert (file.status_code, file.mimetype) == (200, "text/css")
    file.close()
    assert f'href="{files}/people.css' in tomas.get(f"{prefix.rstrip('/')}/following").text


def test_beside_a_hosts_files_at_the_root_all_is_the_hosts(make: MakeHost) -> None:
    app = make(url_prefix="/")
    headers = app.test_client().get("/static/nope.js").headers
    assert "Cache-Control" not in headers
    assert app.test_client().get("/nowhere").headers.get("X-Content-Type-Options") is None


def test_a_host_that_refuses_before_us_is_heard_without_a_page(make: MakeHost) -> None:
    asks = Unauthorized(www_authenticate=WWWAuthenticate("negotiate"))
    fails = OperationalError("SELECT", {}, Exception("database is locked"))
    for raised, status in ((asks, 401), (fails, 503)):
        app = make()
        app.before_request(lambda raised=raised: throw(raised))
        answer = app.test_client().get("/people/static/people.css")
        assert_is_plain(answer, status)
        challenge = answer.headers.get("WWW-Authenticate", "").strip()
        assert challenge == ("Negotiate" if status == 401 else "")


def throw(e: Exception) -> None:
    raise e


def test_a_form_that_a_host_refuses_gets_no_page_either(make: MakeHost) -> None:
    app = make()
    CSRFProtect(app)
    answer = app.test_client().post("/people/static/people.css")
    assert (answer.status_code, answer.text) == (400, "400 Bad Request\n")
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("host", HOSTS, ids=lambda h: h.name)
def test_in_every_host(move_in: MakeHost, host: Host) -> None:
    app = move_in(host)
    tomas, stranger = app.test_client(), app.test_client()
    host.enter(tomas, "tomas")
    path = f"{host.prefix}/static/nope.js"
    answer = tomas.get(path)
    assert (answer.status_code, answer.text) == (404, "404 Not Found\n")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"]
    assert stranger.get(path).data == answer.data
