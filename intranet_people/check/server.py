"""Checks the host name, port and certificate of a server, before any password is sent.

It uses plain sockets instead of ldap3, to tell which step fails.
"""

from __future__ import annotations

import socket
import time
from contextlib import closing
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

from ..ldap.ber import Malformed
from ..ldap.connection import Directory
from .finding import Finding, Findings, describe
from .starttls import ask_for_tls
from .tls import accepted, handshake

PORTS = {"ldap": 389, "ldaps": 636}
TIMEOUT = 5
"""Seconds to wait for each answer; a sync gives up on a server after the same time."""
SLOW = 1.0
STOPPED = "The server may be stopped or overloaded, or something else listens at that port."
PORTS_HINT = "ldaps:// is usually port 636, and ldap:// port 389."


@dataclass(frozen=True)
class Address:
    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, uri: str) -> Address:
        parts = urlsplit(uri)
        if parts.scheme == "ldapi":
            return cls("ldapi", unquote(parts.netloc), 0)
        return cls(parts.scheme, parts.hostname or "", parts.port or PORTS[parts.scheme])

    @property
    def where(self) -> str:
        return f"port {self.port}" if self.port else self.host

    def connect(self, timeout: float) -> socket.socket:
        if self.scheme != "ldapi":
            return socket.create_connection((self.host, self.port), timeout=timeout)
        opened = socket.socket(socket.AF_UNIX)
        try:
            opened.settimeout(timeout)
            opened.connect(self.host)
        except BaseException:
            opened.close()
            raise
        return opened


def check_server(uri: str, directory: Directory) -> Findings[bool]:
    """Check one server; returns whether it is safe to send it a password."""
    if uri.startswith("embedded:"):
        yield Finding(None, f"{uri} is a directory in memory, for demos and tests.")
        return True
    address, timeout = Address.of(uri), min(TIMEOUT, directory.timeout)
    if not (yield from _resolves(address)):
        return False
    began = time.monotonic()
    opened = yield from _connects(address, timeout)
    if opened is None:
        return False
    with closing(opened):
        yield _connected(address, time.monotonic() - began)
        stays_plain: bool | None = address.scheme == "ldapi"
        if address.scheme == "ldap":
            stays_plain = yield from _starts_tls(opened, uri, directory, timeout)
        if stays_plain is None:
            return False
        if stays_plain:
            return True
        secured = yield from handshake(
            opened, address.host, directory.ca_file, lambda: _reconnect(address, timeout)
        )
        if secured is None:
            return False
        with closing(secured):
            yield accepted(secured)
            return True


def _resolves(address: Address) -> Findings[bool]:
    if address.scheme == "ldapi" or _is_ip(address.host):
        return True
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as e:
        yield Finding(
            False,
            f"{address.host} has no address: {getattr(e, 'strerror', None) or e}.",
            "Check the host in PEOPLE_LDAP_URI, and the name servers of this machine.",
        )
        return False
    addresses = dict.fromkeys(str(where[0]) for *_, where in found)
    yield Finding(True, f"{address.host} is {', '.join(addresses)}.")
    return True


def _is_ip(host: str) -> bool:
    try:
        return bool(ip_address(host))
    except ValueError:
        return False


def _connects(address: Address, timeout: float) -> Findings[socket.socket | None]:
    where = address.where
    try:
        return address.connect(timeout)
    except TimeoutError:
        hint = f"A firewall blocks it, or the server is down. {PORTS_HINT}"
        yield Finding(False, f"No answer from {where} within {timeout} s.", hint)
    except ConnectionRefusedError:
        hint = f"Check the port in PEOPLE_LDAP_URI, and that the server runs. {PORTS_HINT}"
        yield Finding(False, f"Nothing listens at {where}: the connection is refused.", hint)
    except OSError as e:
        yield Finding(False, f"No connection to {where}: {describe(e)}.", "Check PEOPLE_LDAP_URI.")
    return None


def _connected(address: Address, took: float) -> Finding:
    slow = "That is slow: perhaps the first of its addresses does not answer."
    what = f"Connected to {address.where} in {took * 1000:.1f} ms."
    return Finding(True, what, slow if took > SLOW else "")


def _starts_tls(
    opened: socket.socket, uri: str, directory: Directory, timeout: float
) -> Findings[bool | None]:
    """Start TLS; returns whether to continue without it, None if that is not allowed."""
    clear = "names, passwords and photos are sent in clear text"
    if not directory.starttls:
        yield Finding(None, f"No TLS: {clear}.", "Set PEOPLE_LDAP_STARTTLS, or use ldaps://.")
        return True
    try:
        refusal = ask_for_tls(opened, timeout)
    except TimeoutError:
        yield Finding(False, f"Connected, but the server sends nothing for {timeout} s.", STOPPED)
        return None
    except (OSError, EOFError, Malformed) as e:
        yield Finding(False, f"It does not speak LDAP: {describe(e)}.", PORTS_HINT)
        return None
    if not refusal:
        return False
    if directory.allow_plaintext:
        allowed = "PEOPLE_LDAP_ALLOW_PLAINTEXT allows it; ldaps:// would be safe."
        yield Finding(None, f"StartTLS is refused ({refusal}): {clear}.", allowed)
        return True
    yield Finding(
        False,
        f"StartTLS is refused ({refusal}), so nothing is sent to {uri}.",
        "Give the server a certificate, or use ldaps://; PEOPLE_LDAP_ALLOW_PLAINTEXT if you must.",
    )
    return None


def _reconnect(address: Address, timeout: float) -> socket.socket:
    """Connect again, up to the TLS handshake, to read the refused certificate."""
    opened = address.connect(timeout)
    try:
        if address.scheme == "ldap":
            ask_for_tls(opened, timeout)
    except BaseException:
        opened.close()
        raise
    return opened
