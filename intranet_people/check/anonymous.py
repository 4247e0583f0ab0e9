"""What a stranger may ask a server, before anybody is bound: for TLS, and what it is."""

from __future__ import annotations

import socket
import time

from ..ldap import ber
from ..ldap.ber import Malformed
from ..ldap.entry import Entry
from ..ldap.messages import Result, decode
from ..ldap.wire import Wire

START_TLS = ber.element(0x77, ber.element(0x80, b"1.3.6.1.4.1.1466.20037"))  # RFC 4511 4.14
ROOT_ATTRIBUTES = (
    "objectClass",
    "vendorName",
    "vendorVersion",
    "namingContexts",
    "defaultNamingContext",
    "supportedControl",
    "supportedCapabilities",
    "ipaTopologyPluginVersion",
)


def ask_for_tls(opened: socket.socket, within: float) -> str:
    """Why the server does not want TLS, or "". Raises OSError, EOFError, Malformed."""
    opened.settimeout(within)
    opened.sendall(_message(START_TLS))
    answer = Wire(opened).messages(time.monotonic() + within)[0]
    parts = list(ber.elements(ber.inner(answer)[1][1]))
    if len(parts) < 3:
        raise Malformed("no answer to StartTLS")
    code = ber.number(parts[0][1])
    return str(Result(code, parts[2][1].decode("utf-8", "replace"))) if code else ""


def read_root(opened: socket.socket, within: float) -> Entry:
    """What it says to a stranger (RFC 4512 5.1); without attributes where that is nothing."""
    names = (ber.element(ber.OCTETS, name.encode()) for name in ROOT_ATTRIBUTES)
    search = (
        ber.element(ber.OCTETS, b"")
        + ber.integer(0, ber.ENUMERATED) * 2  # the base alone, aliases as they are
        + ber.integer(0) * 2  # no limits
        + ber.element(ber.BOOLEAN, b"\0")
        + ber.element(0x87, b"objectClass")  # is there
        + ber.element(ber.SEQUENCE, b"".join(names))
    )
    try:
        opened.settimeout(within)
        opened.sendall(_message(ber.element(0x63, search)))
        wire, deadline = Wire(opened), time.monotonic() + within
        for data in wire.messages(deadline):
            content = decode(data).content
            if isinstance(content, Entry):
                content.decode()
                return content
    except (OSError, EOFError, Malformed):
        pass  # it says no more; the bind that follows will tell whether that matters
    return Entry("", {})


def _message(operation: bytes) -> bytes:
    return ber.element(ber.SEQUENCE, ber.integer(1) + operation)
