"""A secure and bound connection to one server."""

from __future__ import annotations

import logging
import ssl
import time
from dataclasses import dataclass, field
from typing import Any

import ldap3
from ldap3.core.exceptions import LDAPException

from ...problems import Problem
from ...text import one_line
from .. import password_policy as policy
from ..errors import BindRefused, DirectoryDown, TLSRefused
from ..search import SUCCESS
from .embedded import embedded_server
from .strategy import PatientStrategy
from .tls import VerifyingTLS, is_about_trust, start_tls

log = logging.getLogger(__name__)

# The result codes that refuse this name and password (RFC 4511 A.1): invalidCredentials,
# noSuchObject, invalidDNSyntax, inappropriateAuthentication, insufficientAccessRights and
# unwillingToPerform. Any other code says nothing about them.
REFUSED_CODES = (49, 32, 34, 48, 50, 53)


@dataclass(frozen=True)
class Credentials:
    """The DN and password of a bind. With `sasl`, a mechanism, the system supplies them."""

    dn: str = ""
    password: str = field(default="", repr=False)
    sasl: str = ""
    is_person: bool = False
    """A person rather than the service account: also ask why the password is refused."""


@dataclass(frozen=True)
class Security:
    """How to secure a connection; the fields are those of `Directory`."""

    starttls: bool
    allow_plaintext: bool
    ca_file: str


def connect(uri: str, credentials: Credentials, security: Security, deadline: float) -> Any:
    """An ldap3 connection, secure and bound, by `deadline` in seconds of time.monotonic().

    Raises TLSRefused, BindRefused, and DirectoryDown for all other errors.
    """
    connection: Any = None
    try:
        if uri.startswith("embedded:"):
            connection = _connection(
                embedded_server(uri), credentials, client_strategy=ldap3.MOCK_SYNC
            )
        else:
            tls = VerifyingTLS(validate=ssl.CERT_REQUIRED, ca_certs_file=security.ca_file or None)
            connection = _connection(ldap3.Server(uri, tls=tls, get_info=ldap3.NONE), credentials)
            PatientStrategy.take_over(connection, deadline)
        connection.open(read_server_info=False)
        if security.starttls and uri.startswith("ldap:"):
            start_tls(connection, uri, security.allow_plaintext)
        _bind(connection, credentials)
    except BaseException as e:
        if connection:
            close(connection)
        if isinstance(e, TLSRefused | BindRefused | DirectoryDown):
            raise
        if is_about_trust(e):
            raise TLSRefused(Problem("tls-untrusted", uri, _error_text(e))) from e
        if isinstance(e, Exception):  # ldap3 raises many kinds while it decodes answers
            raise DirectoryDown(_error_text(e)) from e
        raise
    return connection


def _connection(server: Any, credentials: Credentials, **options: Any) -> Any:
    method = ldap3.SASL if credentials.sasl else ldap3.SIMPLE if credentials.dn else ldap3.ANONYMOUS
    return ldap3.Connection(
        server,
        user=None if credentials.sasl else credentials.dn or None,
        # Bytes are sent unchanged, but ldap3 refuses str with mixed scripts or control characters.
        password=None if credentials.sasl else credentials.password.encode() or None,
        authentication=method,
        sasl_mechanism=credentials.sasl or None,
        # With None, EXTERNAL would wait for a challenge that never comes.
        sasl_credentials="",
        auto_referrals=False,
        raise_exceptions=False,
        check_names=False,
        read_only=True,
        **options,
    )


def _bind(connection: Any, credentials: Credentials) -> None:
    controls = [(policy.CONTROL, False, None)] if credentials.is_person else None
    connection.bind(read_server_info=False, controls=controls)
    result = connection.result
    reason = one_line(f"{result['description']} {result['message']}")
    if result["result"] in REFUSED_CODES:
        raise BindRefused(reason, policy.why(reason, result.get("controls")))
    if result["result"] != SUCCESS:
        raise DirectoryDown(f"it cannot check passwords now: {reason}")


def close(connection: Any) -> None:
    connection.strategy.deadline = time.monotonic() + 1
    try:
        connection.unbind()
    except (LDAPException, OSError) as e:
        log.debug("Closing a directory connection: %s", e)
    if connection.socket:
        # ldap3 does not close a socket whose connection was never completed.
        connection.socket.close()


def _error_text(e: BaseException) -> str:
    """The message of an exception; ldap3 may nest the arguments in a tuple."""
    args = e.args[0] if len(e.args) == 1 and isinstance(e.args[0], tuple) else e.args
    return one_line(" ".join(map(str, args))) or type(e).__name__
