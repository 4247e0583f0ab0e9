"""Settings of a host: prefixes, forms without tokens, proxies."""

from __future__ import annotations

import pytest
from werkzeug.middleware.proxy_fix import ProxyFix

from ..client import token_of
from .conftest import MakeHost, show


@pytest.mark.parametrize("prefix", ["/", "", "/who/is/who", "/people/"])
def test_under_another_prefix(make: MakeHost, prefix: str) -> None:
    app = make(url_prefix=prefix)
    client = app.test_client()
    client.get("/come/tomas")
    root = prefix.rstrip("/")
    assert client.get("/").text == "home of the host" or root == ""
    page = client.get(f"{root}/meetings")
    assert page.status_code == 200
    scripts = [part.partition('"')[0] for part in page.text.split('src="')[1:] if ".js" in part]
    for script in scripts:
        with client.get(script) as file:
            assert file.status_code == 200
            assert script.startswith(f"{root}/")
    form = {"csrf_token": token_of(page.text), "line": "hello"}
    answer = client.post(f"{root}/@dana/follow", data=form)
    assert (answer.status_code, answer.location) == (303, f"{root}/")


def test_at_the_root_the_rest_is_the_hosts(make: MakeHost) -> None:
    """What there is not, and what is sent elsewhere, is answered by the host."""
    app = make(url_prefix="/")
    app.register_error_handler(404, lambda e: ("the host's 404", 404))
    show(app, "/sent", lambda: "sent", "POST")
    client = app.test_client()
    assert client.get("/no/such/page").text == "the host's 404"
    assert client.get("/static/none.css").text == "the host's 404"
    assert client.get("/sent").status_code == 405
    assert client.post("/sent").text == "sent"


def test_forms_without_tokens(make: MakeHost) -> None:
    """A host under test turns them off for itself, and so for us."""
    client = make(TESTING=True, WTF_CSRF_ENABLED=False).test_client()
    client.get("/come/tomas")
    assert client.post("/people/@dana/follow").status_code == 303


def test_a_proxy_that_speaks_https(make: MakeHost) -> None:
    app = make(PREFERRED_URL_SCHEME="https", SESSION_COOKIE_SECURE=True)
    app.wsgi_app = ProxyFix(app.wsgi_app, x_host=1, x_prefix=1)  # type: ignore[method-assign]
    client = app.test_client()
    headers = {
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "intranet.corp.example",
        "X-Forwarded-Prefix": "/a",
    }
    base = "https://intranet.corp.example/a/"
    client.get("/come/tomas", base_url=base, headers=headers)
    page = client.get("/people/@priya", base_url=base, headers=headers)
    assert page.status_code == 200
    assert "http://" not in page.text.replace("http://www.w3.org", "")
    assert 'action="/a/people/@priya/follow"' in page.text
