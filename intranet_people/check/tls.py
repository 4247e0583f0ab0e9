"""The TLS handshake with a server, and explanations for its errors."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

from ..clock import now
from ..ldap.ber import Malformed
from ..text import one_line
from .finding import Finding, Findings, describe

RENEWAL_PERIOD = timedelta(days=30)
# Error codes of OpenSSL: X509_verify_cert_error_string(3).
EXPIRED, NOT_YET = 10, 9
WRONG_NAME, WRONG_ADDRESS = 62, 64
UNKNOWN_AUTHORITY = (2, 7, 18, 19, 20, 21)
NO_CHECK_TIME = 0x200000  # X509_VERIFY_PARAM_set_flags(3)

Reconnect = Callable[[], socket.socket]
Certificate = dict[str, Any]
"""The format of SSLSocket.getpeercert()."""


def handshake(
    opened: socket.socket, host: str, ca_file: str, reconnect: Reconnect
) -> Findings[ssl.SSLSocket | None]:
    """Verify certificate and host name; returns the TLS connection, None if it fails.

    `reconnect` opens another connection, up to the handshake.
    """
    try:
        context = ssl.create_default_context(cafile=ca_file or None)
    except (OSError, ValueError) as e:
        what = f"PEOPLE_LDAP_CA_FILE {ca_file} contains no certificate: {describe(e)}."
        yield Finding(False, what, "It has to be a PEM file, with BEGIN CERTIFICATE in it.")
        return None
    try:
        secured = context.wrap_socket(opened, server_hostname=host)
    except ssl.SSLCertVerificationError as e:
        yield _refused(e, _read_refused(reconnect), host, ca_file)
    except TimeoutError:
        what = "Connected, but the server sends nothing when TLS should begin."
        yield Finding(False, what, "The server may be stopped, or not speak TLS at that port.")
    except (OSError, ValueError) as e:
        what = f"TLS cannot be established: {describe(e)}."
        hint = "ldaps:// is usually port 636; at port 389 it is ldap://, with StartTLS."
        yield Finding(False, what, hint)
    else:
        return secured
    return None


def accepted(secured: ssl.SSLSocket) -> Finding:
    certificate: Certificate = secured.getpeercert() or {}
    left = _end(certificate) - now()
    what = (
        f"{secured.version()}: the certificate is for {_names(certificate)}, signed by"
        f" {_common_name(certificate['issuer'])}, for another {left.days} days."
    )
    if left >= RENEWAL_PERIOD:
        return Finding(True, what)
    hint = "It has to be renewed soon: once it expires, nobody can sign in, and nothing is read."
    return Finding(None, what, hint)


def _read_refused(reconnect: Reconnect) -> Certificate | None:
    """The refused certificate.

    `getpeercert` only works for verified certificates, so this one is verified against itself, on
    connections that are used for nothing else.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with closing(reconnect()) as opened, context.wrap_socket(opened) as tls_socket:
            der = tls_socket.getpeercert(binary_form=True)
        context.load_verify_locations(cadata=der or b"")
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VerifyFlags(NO_CHECK_TIME)
        context.verify_mode = ssl.CERT_REQUIRED
        with closing(reconnect()) as opened, context.wrap_socket(opened) as tls_socket:
            return tls_socket.getpeercert()
    except (OSError, EOFError, Malformed, ValueError):
        return None


def _refused(
    e: ssl.SSLCertVerificationError, certificate: Certificate | None, host: str, ca_file: str
) -> Finding:
    if certificate is None:
        return Finding(False, f"The certificate is refused: {e.verify_message}.")
    if e.verify_code in (WRONG_NAME, WRONG_ADDRESS):
        return Finding(
            False,
            f"The certificate is for {_names(certificate)}, not for {host}.",
            "PEOPLE_LDAP_URI has to name the server by the host name that its certificate has.",
        )
    if e.verify_code == EXPIRED and _end(certificate) < now():
        what = f"The certificate expired on {_end(certificate):%Y-%m-%d}."
        return Finding(False, what, "The server needs a new one.")
    if e.verify_code == NOT_YET:
        what = "The certificate, or its authority's, is not valid yet."
        return Finding(False, what, "Is the clock right, here and where it was signed?")
    if e.verify_code in UNKNOWN_AUTHORITY:
        return Finding(False, *_unknown_authority(certificate, ca_file))
    return Finding(False, f"The certificate is refused: {e.verify_message}.")


def _unknown_authority(certificate: Certificate, ca_file: str) -> tuple[str, str]:
    issuer = certificate["issuer"]
    by = "itself" if issuer == certificate["subject"] else repr(_common_name(issuer))
    known = f"PEOPLE_LDAP_CA_FILE {ca_file}" if ca_file else "this machine"
    what = f"The certificate is signed by {by}, an authority that {known} does not know."
    return (
        what,
        "PEOPLE_LDAP_CA_FILE has to name a PEM file with the certificate of that authority.",
    )


def _end(certificate: Certificate) -> datetime:
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate["notAfter"]), UTC)


def _names(certificate: Certificate) -> str:
    """The host names and addresses of the certificate, else its common name."""
    kinds = ("DNS", "IP Address")
    names = [one_line(n) for kind, n in certificate.get("subjectAltName", ()) if kind in kinds]
    return ", ".join(names) or _common_name(certificate["subject"])


def _common_name(name: tuple[tuple[tuple[str, str], ...], ...]) -> str:
    """The common name, else the organization."""
    found = {kind: one_line(value) for part in name for kind, value in part}
    return found.get("commonName") or found.get("organizationName") or "nobody named"
