"""StartTLS on a plain socket (RFC 4511 4.14)."""

from __future__ import annotations

import socket
import time

from ..ldap import ber
from ..ldap.ber import Malformed
from ..ldap.messages import Result
from ..ldap.wire import Wire

START_TLS = ber.element(0x77, ber.element(0x80, b"1.3.6.1.4.1.1466.20037"))


def ask_for_tls(opened: socket.socket, timeout: float) -> str:
    """Request TLS; returns the reason for a refusal, or "".

    `timeout` is in seconds. Raises OSError, EOFError, Malformed.
    """
    opened.settimeout(timeout)
    opened.sendall(ber.element(ber.SEQUENCE, ber.integer(1) + START_TLS))
    answer = Wire(opened).messages(time.monotonic() + timeout)[0]
    parts = list(ber.elements(ber.inner(answer)[1][1]))
    if len(parts) < 3:
        raise Malformed("no answer to StartTLS")
    code = ber.number(parts[0][1])
    return str(Result(code, parts[2][1].decode("utf-8", "replace"))) if code else ""
