"""Clients with a Kerberos ticket: curl, as a person would use it, and single tokens to misuse."""

from __future__ import annotations

import os
import subprocess
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import mkdtemp

import pytest

NEEDS_GSSAPI = pytest.mark.skipif(
    not find_spec("gssapi"),
    reason="the package gssapi is not here: it is built where libkrb5-dev is installed",
)
SPNEGO, KRB5 = "1.3.6.1.5.5.2", "1.2.840.113554.1.2.2"


@dataclass(frozen=True)
class Answer:
    """Of the last request, where curl made several; `challenges` are those of all of them."""

    status: int
    location: str
    text: str
    challenges: list[str]


class Curl:
    """A browser without a window: keeps its cookies."""

    def __init__(self, site: str, folder: Path, environment: Mapping[str, str]) -> None:
        self.site = site.replace("127.0.0.1", "localhost")
        self._jar = Path(mkdtemp(dir=folder)) / "cookies"
        self._environment = {**os.environ, **environment}

    def get(self, path: str, *options: str) -> Answer:
        """By Negotiate: where there is a ticket, curl does not wait to be asked."""
        return self.ask(path, "--negotiate", "-u", ":", *options)

    def ask(self, path: str, *options: str) -> Answer:
        """Without a ticket, but for what `options` say."""
        jar = ("-b", str(self._jar), "-c", str(self._jar))
        command = ["curl", "-qsSi", "--max-time", "30", *jar, *options, self.site + path]
        done = subprocess.run(command, env=self._environment, capture_output=True, check=True)
        return _answer(done.stdout.decode())

    def me(self) -> str:
        """Who is signed in, by where /me leads."""
        location = self.ask("/people/me").location
        return location.rpartition("@")[2] if "@" in location else ""


def _answer(said: str) -> Answer:
    *heads, text = said.replace("\r\n", "\n").split("\n\n", said.count("HTTP/1.1 "))
    lines = heads[-1].split("\n")
    headers = dict(line.partition(": ")[::2] for line in lines[1:])
    challenges = [
        line.partition(": ")[2]
        for head in heads
        for line in head.split("\n")
        if line.startswith("WWW-Authenticate: ")
    ]
    return Answer(int(lines[0].split()[1]), headers.get("Location", ""), text, challenges)


def negotiate(
    environment: Mapping[str, str], service: str = "HTTP/localhost", mechanism: str = SPNEGO
) -> str:
    """A header as a browser with these tickets sends it: good once."""
    return "Negotiate " + b64encode(token(environment, service, mechanism)).decode()


def token(environment: Mapping[str, str], service: str, mechanism: str = SPNEGO) -> bytes:
    """Made in this process: it has to be in the realm."""
    import gssapi

    store: dict[bytes | str, bytes | str] = {"ccache": environment["KRB5CCNAME"]}
    context = gssapi.SecurityContext(
        name=gssapi.Name(service, gssapi.NameType.kerberos_principal),
        creds=gssapi.Credentials(usage="initiate", store=store),
        mech=gssapi.OID.from_int_seq(mechanism),
        usage="initiate",
    )
    made = context.step()
    assert made
    return bytes(made)
