"""Apache as docs/sign-in.md has it, in front of the app, and what can be seen through it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..servers import apache, curl
from ..servers.apache import Apache
from ..servers.curl import Answer, Curl
from ..servers.echo import echo
from ..servers.fixtures import need

DOCS = Path(__file__).parents[2] / "docs/sign-in.md"
NAME = "X-Remote-User"
MODULES = ("ssl", "headers", "proxy", "proxy_http")
MODULE = {"GSSAPI": "auth_gssapi", "openid-connect": "auth_openidc", "Mellon": "auth_mellon"}
FORGED = (NAME, "x-remote-user", "X_Remote_User", "X-Remote_User", "X_Remote-User")
"""What gunicorn's like may take for that header: to WSGI, `-` and `_` are the same."""


@dataclass(frozen=True)
class Front:
    """Apache, with the app behind it; at /echo and /people/health is what shows what arrives."""

    apache: Apache

    def browser(self, environment: Mapping[str, str] = {}) -> Curl:
        return Curl(self.apache.folder, self.apache.ca_file, environment)

    def me(self, browser: Curl, *options: str, **headers: str) -> str:
        """Where /me leads; else the status."""
        return where(browser.get(f"{self.apache.url}/people/me", *options, **headers))

    def arrives(
        self, browser: Curl, *options: str, path: str = "/echo", **headers: str
    ) -> list[tuple[str, str]]:
        """The headers of a request when they are through, in lower case, with their values."""
        answer = browser.get(self.apache.url + path, *options, **headers)
        assert answer.status == 200, answer
        arrived = json.loads(answer.text)
        return [(name.lower(), value.encode("latin-1").decode()) for name, value in arrived]

    def named(self, browser: Curl, *options: str, path: str = "/echo", **headers: str) -> list[str]:
        """What arrives under the name of the header, or what WSGI takes for it."""
        arrived = self.arrives(browser, *options, path=path, **headers)
        return [v for name, v in arrived if name.replace("_", "-") == NAME.lower()]


def where(answer: Answer) -> str:
    """Whose page it is; else the status."""
    return answer.url.rpartition("/")[2] if answer.status == 200 else str(answer.status)


def cookies(answer: Answer) -> dict[str, set[str]]:
    """Those that were given on the way, by name, with what is said of them, from --include."""
    lines = re.findall(r"^set-cookie: ([^=]+)=[^;]*(.*)", answer.text, re.M | re.I)
    return {name: set(said.lower().replace(" ", "").strip().split(";")) for name, said in lines}


def documented(auth_type: str, places: Mapping[str, str]) -> str:
    """The words of the docs for that way, and those for all, at the places that a test has."""
    blocks: list[str] = re.findall(r"```apache\n(.*?)```", DOCS.read_text(), re.S)
    own = next(block for block in blocks if f"AuthType {auth_type}\n" in block)
    text = own + blocks[-1]
    for there, here in places.items():
        assert there in text, there
        text = text.replace(there, here)
    return text


def need_apache(auth_type: str) -> None:
    """Skips the test for want of what it takes; with CI in the environment, fails it."""
    need(apache.missing_package(MODULE[auth_type]))
    need(curl.missing_package())


@contextmanager
def in_front(
    server: Apache,
    app: str,
    auth_type: str,
    places: Mapping[str, str],
    environment: Mapping[str, str] = {},
) -> Iterator[Front]:
    """That Apache, with the words of the docs; `places` as in `documented`."""
    places = {"http://127.0.0.1:8000": app, **places}
    with echo() as shown:
        configuration = f"""\
ProxyPass /echo {shown}
ProxyPass /people/health {shown}
{documented(auth_type, places)}"""
        with server.serving(configuration, [*MODULES, MODULE[auth_type]], environment):
            yield Front(server)
