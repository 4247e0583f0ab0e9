"""The twelve of Northwind and two hundred guests, as the last sync left them, and a day later.

Alice has another title, Noor, who was a candidate, is hired, and Leïla is gone. No buffer between
us and the server holds the photos of the guests.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

from click.testing import Result
from flask import Flask
from sqlalchemy import select

from intranet_people.people.person import SyncState
from intranet_people.standalone import create_app

from .. import SECRET_KEY
from ..conftest import MakeApp, close, plugin_of
from ..ldap.wire import Wire
from ..servers.slapd import NORTHWIND, Slapd
from ..soak import kills
from .conftest import command, dn, last, ldif

GUESTS = 200
STAFF = "(&(objectClass=inetOrgPerson)(!(employeeType=candidate)))"
CANDIDATE = "employeeType: candidate\n"
WITHIN = 15  # seconds


def uuid(uid: str) -> str:
    return str(uuid5(NAMESPACE_DNS, uid))


def yesterdays_ldif() -> str:
    text = re.sub(r"jpegPhoto:: /9j/4AAQSkZJRgAgd.*\n", "", NORTHWIND.read_text("utf-8"))
    noor = ldif("noor", CANDIDATE.strip(), f"manager: {dn('dana')}", cn="Noor de Wit")
    photo = f"jpegPhoto: {'x' * 80_000}"
    guests = [ldif(f"guest{n}", photo, cn="Guest") for n in range(GUESTS)]
    return with_ids("\n".join([text, noor, *guests]))


def with_ids(text: str) -> str:
    """Everybody the same on every server."""
    return re.sub(
        r"^uid: (.+)\n",
        lambda m: f"{m[0]}entryUUID: {uuid(m[1])}\ncreateTimestamp: 20200301120000Z\n",
        text,
        flags=re.MULTILINE,
    )


def todays_ldif() -> str:
    """The same a day later, for a server of its own."""
    entries = yesterdays_ldif().replace(CANDIDATE, "").split("\n\n")
    text = "\n\n".join(e for e in entries if f"dn: {dn('leila')}\n" not in e)
    return text.replace("title: Calibration Engineer", "title: Astronomer")


@dataclass
class Company:
    """`before` is what the last sync left of it, in the database of that name; `after` is what
    the next one leaves where nothing befalls it."""

    slapd: Slapd
    line: Wire
    """To that server; all goes well on it until it has a `fault`."""
    copies: kills.Copies
    name: str
    before: kills.State
    after: kills.State
    size: int
    """Bytes that the server sends for a full run."""
    size_of_changes: int

    @property
    def half(self) -> kills.State:
        """Alice and Noor came, and nothing else is known."""
        came = {uuid(uid) for uid in ("alice", "noor")}
        return self.before | {k: v for k, v in self.after.items() if k in came}


@contextmanager
def opened(line: Wire, url: str) -> Iterator[Flask]:
    app = create_app({}, **settings(line, url))
    try:
        yield app
    finally:
        close(app)


def settings(line: Wire, url: str) -> dict[str, Any]:
    return {
        "SECRET_KEY": SECRET_KEY,
        "SQLALCHEMY_DATABASE_URI": url,
        "PEOPLE_LDAP_URI": line.uri,
        "PEOPLE_LDAP_STARTTLS": False,
        "PEOPLE_LDAP_ALLOW_PLAINTEXT": True,
        "PEOPLE_LDAP_BASE_DN": Slapd.base_dn,
        "PEOPLE_LDAP_BIND_DN": Slapd.service_dn,
        "PEOPLE_LDAP_BIND_PASSWORD": Slapd.service_password,
        "PEOPLE_LDAP_PERSON_FILTER": STAFF,
        "PEOPLE_LDAP_TIMEOUT": 1,
    }


class Day:
    """One copy of the database as the last sync left it, and apps over it."""

    def __init__(self, company: Company, open_app: MakeApp) -> None:
        self.company, self._open = company, open_app
        self.url = company.copies.url(company.copies.of(company.name))

    def app(self, **config: Any) -> Flask:
        return self._open(**settings(self.company.line, self.url) | config)

    def state(self) -> kills.State:
        return kills.state_of(self.url)

    def checkpoint(self, app: Flask) -> dict[str, str] | None:
        with app.app_context():
            return plugin_of(app).session.scalar(select(SyncState.checkpoint))

    def breaks(self, app: Flask, *options: str) -> Result:
        """A run that ends in time and incomplete; whom it did not see is as before."""
        checkpoint = self.checkpoint(app)
        began = time.monotonic()
        said = command(app, "sync", *options)
        assert time.monotonic() - began < WITHIN
        assert said.exit_code == 1, said.output
        assert "Incomplete: " in said.stderr
        assert "Nobody was marked as left." in said.stderr
        assert (last(app).status, last(app).counts["left"]) == ("incomplete", 0)
        assert self.checkpoint(app) == checkpoint is not None
        return said

    def recovers(self) -> None:
        """The next run, with all in good order, leaves what it would have left."""
        self.company.line.fault = None
        said = command(self.app(), "sync")
        assert said.exit_code == 0, said.output
        state, after = self.state(), self.company.after
        assert state == after, kills.differences(state, after)
        kills.check_rest(self.url)
