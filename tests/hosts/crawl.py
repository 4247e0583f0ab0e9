"""Every address that pages lead to, and whether it stays below a prefix."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import unescape
from http.client import HTTPMessage
from http.cookiejar import CookieJar
from urllib.parse import urlencode, urljoin, urlsplit

ADDRESS = re.compile(
    r'\b(?:href|src|action|formaction|hx-get|hx-post|data-htmx)="([^"]*)"'
    r'|name="next" value="([^"]*)"'
)
FORM = re.compile(r'<form[^>]*action="([^"]*)"[^>]*method="post".*?</form>', re.S)
SHARED_FORM = re.compile(r'<form id="([^"]*)" method="post" hidden>.*?</form>', re.S)
ELSEWHERE = ("data:", "mailto:", "tel:", "#")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *rest: object) -> None:
        return None


@dataclass
class Crawler:
    """Asks as a signed-in browser; notes what leads out of `root`, as http://host/canteen."""

    root: str
    astray: list[str] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.jar = CookieJar()
        self.opener = urllib.request.build_opener(
            _NoRedirect, urllib.request.HTTPCookieProcessor(self.jar)
        )

    def ask(self, url: str, form: dict[str, str] | None = None, htmx: bool = False) -> str:
        """The body; its address is noted, and so is where it leads."""
        data = urlencode(form).encode() if form is not None else None
        headers = {"HX-Request": "true"} if htmx else {}
        request = urllib.request.Request(url, data=data, headers=headers)
        try:
            answer = self.opener.open(request, timeout=120)
        except urllib.error.HTTPError as e:
            answer = e
        with answer:
            body, told = answer.read(), answer.headers
        self.seen[url] = answer.status
        text = body.decode() if told.get_content_type() == "text/html" else ""
        self._check(url, text, told)
        return text

    def all_from(self, url: str, wanted: Callable[[str], bool]) -> None:
        """Every page that is led to and `wanted`, as a page and as a fragment."""
        waiting = [url]
        while waiting:
            url = waiting.pop()
            if url in self.seen or not wanted(url):
                continue
            waiting += [urljoin(url, a) for a in addresses(self.ask(url))]
            waiting += [urljoin(url, a) for a in addresses(self.ask(url, htmx=True))]

    def _check(self, url: str, text: str, told: HTTPMessage) -> None:
        heads = [v for k, v in told.items() if k.startswith(("Location", "HX-")) and v != "true"]
        for address in [*addresses(text), *heads]:
            if not self.is_below(urljoin(url, address)):
                self.astray.append(f"{url} leads to {address}")
        for cookie in told.get_all("Set-Cookie", []):
            if f"Path={urlsplit(self.root).path};" not in cookie + ";":
                self.astray.append(f"{url} sets {cookie}")

    def is_below(self, url: str) -> bool:
        return url == self.root or url.startswith(self.root + "/")


def addresses(page: str) -> list[str]:
    found = [unescape(a or b) for a, b in ADDRESS.findall(page)]
    return [a for a in found if a and not a.startswith(ELSEWHERE)]


def forms(page: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The address and hidden inputs of each form that is sent, also by a button that names it."""
    for form in FORM.finditer(page):
        yield unescape(form[1]), _hidden(form[0])
    shared = {found[1]: _hidden(found[0]) for found in SHARED_FORM.finditer(page)}
    for form_id, action in re.findall(r'form="([^"]*)"\s+formaction="([^"]*)"', page):
        yield unescape(action), shared[form_id]


def _hidden(form: str) -> dict[str, str]:
    inputs = re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', form)
    return {k: unescape(v) for k, v in inputs}
