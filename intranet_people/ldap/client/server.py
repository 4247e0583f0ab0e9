"""One server: a connection to it that is safe, and bound."""

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

# invalidCredentials, noSuchObject, invalidDNSyntax, inappropriateAuthentication,
# insufficientAccessRights and unwillingToPerform are all a "no" to this name and password
# (RFC 4511 A.1); whatever else is no answer to it.
REFUSALS = (49, 32, 34, 48, 50, 53)


@dataclass(frozen=True)
class Credentials:
    """The name and proof of a bind; with `sasl`, a mechanism, the system knows them."""

    dn: str = ""
    password: str = field(default="", repr=False)
    sasl: str = ""
    is_somebody: bool = False
    """A person, who is told why their password is not taken; no service account."""


@dataclass(frozen=True)
class Security:
    """How a connection becomes safe, as in `Directory`."""

    starttls: bool
    allow_plaintext: bool
    ca_file: str


def connect(uri: str, who: Credentials, security: Security, deadline: float) -> Any:
    """Raises TLSRefused, BindRefused, and DirectoryDown for whatever else goes wrong."""
    connection: Any = None
    try:
        if uri.startswith("embedded:"):
            connection = _connection(embedded_server(uri), who, client_strategy=ldap3.MOCK_SYNC)
        else:
            tls = VerifyingTLS(validate=ssl.CERT_REQUIRED, ca_certs_file=security.ca_file or None)
            connection = _connection(ldap3.Server(uri, tls=tls, get_info=ldap3.NONE), who)
            PatientStrategy.take_over(connection, deadline)
        connection.open(read_server_info=False)
        if security.starttls and uri.startswith("ldap:"):
            start_tls(connection, uri, security.allow_plaintext)
        _bind(connection, who)
    except BaseException as e:
        if connection:
            close(connection)
        if isinstance(e, TLSRefused | BindRefused | DirectoryDown):
            raise
        if is_about_trust(e):
            raise TLSRefused(Problem("tls-untrusted", uri, _words(e))) from e
        if isinstance(e, Exception):  # of any kind: ldap3 decodes whatever the server sends
            raise DirectoryDown(_words(e)) from e
        raise
    return connection


def _connection(server: Any, who: Credentials, **options: Any) -> Any:
    how = ldap3.SASL if who.sasl else ldap3.SIMPLE if who.dn else ldap3.ANONYMOUS
    return ldap3.Connection(
        server,
        user=None if who.sasl else who.dn or None,
        # As bytes it is sent as it is: ldap3 refuses text with mixed scripts or controls.
        password=None if who.sasl else who.password.encode() or None,
        authentication=how,
        sasl_mechanism=who.sasl or None,
        # With none EXTERNAL would not begin: it wants an answer before it asks.
        sasl_credentials="",
        auto_referrals=False,
        raise_exceptions=False,
        check_names=False,
        read_only=True,
        **options,
    )


def _bind(connection: Any, who: Credentials) -> None:
    controls = [(policy.CONTROL, False, None)] if who.is_somebody else None
    connection.bind(read_server_info=False, controls=controls)
    result = connection.result
    reason = one_line(f"{result['description']} {result['message']}")
    if result["result"] in REFUSALS:
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
        # ldap3 forgets those that never came to be open.
        connection.socket.close()


def _words(e: BaseException) -> str:
    """Of an exception of ldap3, which may hold those of others as a tuple."""
    said = e.args[0] if len(e.args) == 1 and isinstance(e.args[0], tuple) else e.args
    return one_line(" ".join(map(str, said))) or type(e).__name__
