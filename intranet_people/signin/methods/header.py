"""`header`: a server in front signs people in, and names the user in each request.

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

from flask import request
from werkzeug.http import parse_list_header

from ...people.login_name import Kind, LoginName, NoLoginName
from ...settings.settings import Settings

log = logging.getLogger(__name__)
Network = IPv4Network | IPv6Network
REMOTE_USER = "REMOTE_USER"
NOT_SET = "(null)"
"""What Apache sends for a variable that is not set."""
SOCKET = "unix"
"""Stands for a peer on a Unix socket, which has no address."""


class TrustedHeader:
    def __init__(self, s: Settings) -> None:
        self.kind: Kind = "mail" if s.sign_in_match == "mail" else "handle"
        trusted, is_socket_trusted = networks(s.sso_trusted_proxies)
        # In a mail address, there is no realm after the @.
        realms = () if self.kind == "mail" else s.sso_strip_realm
        self.header = Header(s.sso_header, trusted, is_socket_trusted, realms)

    def viewer(self) -> LoginName | None:
        name = self.header.viewer(request.environ)
        return LoginName(name, self.kind) if name else None


@dataclass(frozen=True)
class Header:
    """Which header has the name, and who may send it.

    name     of the header; REMOTE_USER for what the WSGI server itself has found out (PEP 3333)
    trusted  networks of peers; an address alone is that one
    realms   that are ours: `alice@CORP.EXAMPLE` and `CORP\\\\alice` are alice; "*" for any
    """

    name: str
    trusted: tuple[Network, ...]
    is_socket_trusted: bool = False
    realms: tuple[str, ...] = ()

    def viewer(self, environ: Mapping[str, Any]) -> str | None:
        """The login name in the request, or None."""
        key = self.name if self.name == REMOTE_USER else "HTTP_" + _upper(self.name)
        said = environ.get(key)
        if not said or said == NOT_SET:
            return None
        peer = _peer(environ)
        if not self._is_trusted(peer):
            _warn(self.name, peer)
            return None
        whole = _text(said)
        try:
            # Servers join two headers with a comma; one of them may be the visitor's own.
            if "," in whole:
                raise NoLoginName("it is a list")
            name = LoginName.parse(whole, realms=self.realms)
        except NoLoginName:
            log.warning("%s holds no single name in UTF-8, so nobody is signed in.", self.name)
            return None
        return name.text if name else None

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


def _peer(environ: Mapping[str, Any]) -> str:
    """The address of the peer, whatever ProxyFix makes of it."""
    before = environ.get("werkzeug.proxy_fix.orig")
    if before is None:
        return str(environ.get("REMOTE_ADDR") or "")
    peer = str(before.get("REMOTE_ADDR") or "")
    forwarded = str(environ.get("HTTP_X_FORWARDED_FOR", ""))
    # To a second ProxyFix, the peer is the result of the first one, which anybody may forge.
    # Parsed as ProxyFix does, with the quotes that a list may have.
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
    """Log a warning once for each peer, as it may send the header with each request."""
    log.warning(
        "%s came from %s, which PEOPLE_SSO_TRUSTED_PROXIES does not name: ignored.",
        header,
        peer or "a Unix socket",
    )
