"""TLS: which connections are secure enough for a password."""

from __future__ import annotations

import logging
import ssl
from typing import Any

import ldap3
from ldap3.core.exceptions import LDAPSSLConfigurationError

from ...problems import Problem
from ..errors import TLSRefused
from ..search import SUCCESS
from ..wire import seconds_left

log = logging.getLogger(__name__)


class VerifyingTLS(ldap3.Tls):  # type: ignore[misc]
    """Checks certificate and host name by `ssl`; ldap3 uses a function gone in Python 3.12."""

    def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:
        # Applies to the whole handshake.
        connection.socket.settimeout(seconds_left(connection.strategy.deadline))
        connection.socket = ssl.create_default_context(cafile=self.ca_certs_file).wrap_socket(
            connection.socket,
            server_hostname=connection.server.host,
            do_handshake_on_connect=do_handshake,
        )


def start_tls(connection: Any, uri: str, allow_plaintext: bool) -> None:
    connection.extended("1.3.6.1.4.1.1466.20037")  # RFC 4511 4.14
    if connection.result["result"] == SUCCESS:
        connection.server.tls.wrap_socket(connection, do_handshake=True)
        return
    refusal = Problem("starttls-refused", uri, connection.result["description"])
    if not allow_plaintext:
        raise TLSRefused(refusal)
    log.warning(
        "%s: passwords are sent in clear text, as PEOPLE_LDAP_ALLOW_PLAINTEXT allows.", refusal
    )


def is_about_trust(e: BaseException) -> bool:
    """Whether TLS itself failed, rather than the server closing the connection."""
    kinds = (ssl.SSLError, LDAPSSLConfigurationError)
    return isinstance(e, kinds) and not isinstance(e, ssl.SSLEOFError)
