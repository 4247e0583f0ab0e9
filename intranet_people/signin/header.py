"""Sign-in by a server in front, which says with each request who it is.

It is believed where the peer of the connection is one that the operator has named; whoever else
sends the header is nobody. Nothing is kept: the server in front has the session.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any
from unicodedata import is_normalized

from werkzeug.http import parse_list_header

log = logging.getLogger(__name__)
Network = IPv4Network | IPv6Network
REMOTE_USER = "REMOTE_USER"
NOT_SET = "(null)"
"""What Apache writes for a variable that nobody has set."""
SOCKET = "unix"
"""Stands for a peer on a Unix socket, which has no address."""


@dataclass(frozen=True)
class Header:
    """Where the name stands, and who may say it.

    name     of the header; REMOTE_USER for what the WSGI server itself has found out (PEP 3333)
    trusted  networks of peers; an address alone is that one
    realms   that are ours: `alice@CORP.EXAMPLE` and `CORP\\\\alice` are alice; "*" for any
    """

    name: str
    trusted: tuple[Network, ...]
    is_socket_trusted: bool = False
    realms: tuple[str, ...] = ()

    def viewer(self, environ: Mapping[str, Any]) -> str | None:
        """The login name of whoever this request is said to be of, or None."""
        key = self.name if self.name == REMOTE_USER else "HTTP_" + _upper(self.name)
        said = environ.get(key)
        if not said or said == NOT_SET:
            return None
        peer = _peer(environ)
        if not self._is_trusted(peer):
            _warn(self.name, peer)
            return None
        whole = _text(said)
        name = without_realm(whole.strip(" \t"), self.realms)
        # Of two headers, or one that was added to the visitor's own, servers make a list. And
        # a blank before the realm, or one that is none to HTTP, makes it another name.
        if "," in whole or "\0" in whole or name != name.strip():
            log.warning("%s holds no single name in UTF-8, so nobody is signed in.", self.name)
            return None
        return name or None

    def _is_trusted(self, peer: str) -> bool:
        if not peer or peer.startswith("unix:"):
            return self.is_socket_trusted
        try:
            address = ip_address(peer.partition("%")[0])
        except ValueError:
            return False
        if isinstance(address, IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        return any(address in network for network in self.trusted)


def networks(texts: Iterable[str]) -> tuple[tuple[Network, ...], bool]:
    """The networks, and whether a Unix socket is among them. Raises ValueError."""
    known = set(texts)
    return tuple(ip_network(text) for text in known - {SOCKET}), SOCKET in known


def without_realm(name: str, realms: Iterable[str]) -> str:
    """A Kerberos principal or a Windows name without its realm, where that is one of ours.

    Others keep it: alice of another realm is somebody else, also where that one is written with
    signs that merely look like ours, as ſ for s.
    """
    ours = {realm.lower() for realm in realms}
    user, at, realm = name.rpartition("@")
    domain, backslash, windows_user = name.partition("\\")
    for plain, mark, where in ((user, at, realm), (windows_user, backslash, domain)):
        is_ours = where.lower() in ours and is_normalized("NFKC", where)
        if mark and plain and ("*" in ours or is_ours):
            return plain
    return name


def _peer(environ: Mapping[str, Any]) -> str:
    """Who is at the other end of the connection, whatever ProxyFix makes of it afterwards."""
    before = environ.get("werkzeug.proxy_fix.orig")
    if before is None:
        return str(environ.get("REMOTE_ADDR") or "")
    peer = str(before.get("REMOTE_ADDR") or "")
    forwarded = str(environ.get("HTTP_X_FORWARDED_FOR", ""))
    # A second ProxyFix takes for the peer what the first one made of what anybody may send.
    # Read as ProxyFix reads it, with the quotes that a list may have.
    is_said = peer in parse_list_header(forwarded)
    return "told by X-Forwarded-For" if is_said else peer


def _text(said: str) -> str:
    """As servers send it: UTF-8 in what WSGI takes for Latin-1 (PEP 3333).

    What is not becomes nobody's name.
    """
    try:
        return said.encode("latin-1").decode()
    except UnicodeError:
        return "\0"


def _upper(header: str) -> str:
    return header.upper().replace("-", "_")


@lru_cache(1000)
def _warn(header: str, peer: str) -> None:
    """Once for each peer: who sends it may do so with each request."""
    log.warning(
        "%s came from %s, which PEOPLE_SSO_TRUSTED_PROXIES does not name: not believed.",
        header,
        peer or "a Unix socket",
    )
