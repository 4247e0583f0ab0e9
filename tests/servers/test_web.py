"""An app that is served to a browser, and the port that it gives back."""

import socket
import threading
import urllib.request
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.servers.process import free_port
from tests.servers.web import serve

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from playwright.sync_api import Browser


def hello(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    page = f"<title>Hello</title><h1>Hello from {environ['PATH_INFO']}</h1>".encode()
    headers = [("Content-Type", "text/html"), ("Content-Length", str(len(page)))]
    start_response("200 OK", headers)
    return [page]


def test_an_app_is_served_and_its_port_is_free_again() -> None:
    threads = threading.active_count()
    with serve(hello) as url:
        # A browser opens connections in advance; they must not hold up the end.
        idle = socket.create_connection(("127.0.0.1", urlsplit(url).port or 0), 5)
        with urllib.request.urlopen(f"{url}/here") as response:
            assert b"Hello from /here" in response.read()
    assert idle.recv(1) == b""
    idle.close()
    assert threading.active_count() == threads
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(url)


@pytest.mark.browser
def test_the_browser_shows_a_page(browser: "Browser") -> None:
    with serve(hello) as url, browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{url}/there")
        assert page.get_by_role("heading").inner_text() == "Hello from /there"


def test_ports_are_free() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", free_port()))
