"""The handshake with a server, and in words why it is refused."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta

from ..clock import now
from ..ldap.ber import Malformed
from .certificate import Certificate
from .finding import Finding, Findings, describe

SOON = timedelta(days=30)
# Of OpenSSL, X509_verify_cert_error_string(3).
EXPIRED, NOT_YET = 10, 9
WRONG_NAME, WRONG_ADDRESS = 62, 64
UNKNOWN_AUTHORITY = (2, 7, 18, 19, 20, 21)

Again = Callable[[], socket.socket]


def handshake(
    opened: socket.socket, host: str, ca_file: str, again: Again
) -> Findings[ssl.SSLSocket | None]:
    """The connection, with the certificate and the host name verified; None where they are not.

    `again` opens another connection, up to where the handshake begins.
    """
    try:
        context = ssl.create_default_context(cafile=ca_file or None)
    except (OSError, ValueError) as e:
        what = f"PEOPLE_LDAP_CA_FILE {ca_file} holds no certificate: {describe(e)}."
        yield Finding(False, what, "It has to be a PEM file, with BEGIN CERTIFICATE in it.")
        return None
    try:
        secured = context.wrap_socket(opened, server_hostname=host)
    except ssl.SSLCertVerificationError as e:
        yield _refused(e, _shown(again), host, ca_file)
    except TimeoutError:
        what = "Connected, and then it says nothing where TLS should begin."
        yield Finding(False, what, "The server may be stopped, or not speak TLS at that port.")
    except (OSError, ValueError) as e:
        what = f"TLS does not come about: {describe(e)}."
        hint = "ldaps:// is usually port 636; at port 389 it is ldap://, with StartTLS."
        yield Finding(False, what, hint)
    else:
        return secured
    return None


def accepted(secured: ssl.SSLSocket) -> Finding:
    try:
        certificate = Certificate.of(secured.getpeercert(binary_form=True) or b"")
    except Malformed as e:
        return Finding(None, f"{secured.version()}; the certificate is good, and unusual: {e}.")
    left = certificate.ends_at - now()
    what = (
        f"{secured.version()}: the certificate is for {', '.join(certificate.names)}, signed by"
        f" {certificate.issuer}, for another {left.days} days."
    )
    if left >= SOON:
        return Finding(True, what)
    hint = "It has to be renewed soon: without it nobody can sign in, and nothing is read."
    return Finding(None, what, hint)


def _shown(again: Again) -> Certificate | None:
    """The certificate that is refused: of a connection over which nothing else is sent."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with closing(again()) as opened, context.wrap_socket(opened) as seen:
            return Certificate.of(seen.getpeercert(binary_form=True) or b"")
    except (OSError, EOFError, Malformed):
        return None


def _refused(
    e: ssl.SSLCertVerificationError, certificate: Certificate | None, host: str, ca_file: str
) -> Finding:
    if certificate is None:
        return Finding(False, f"The certificate is refused: {e.verify_message}.")
    if e.verify_code in (WRONG_NAME, WRONG_ADDRESS):
        return Finding(
            False,
            f"The certificate is for {', '.join(certificate.names)}, not for {host}.",
            "PEOPLE_LDAP_URI has to name the server by the host name that its certificate has.",
        )
    if e.verify_code == EXPIRED and certificate.ends_at < now():
        what = f"The certificate expired on {certificate.ends_at:%Y-%m-%d}."
        return Finding(False, what, "The server needs a new one.")
    if e.verify_code == NOT_YET:
        what = "The certificate, or its authority's, is not valid yet."
        return Finding(False, what, "Is the clock right, here and where it was signed?")
    if e.verify_code in UNKNOWN_AUTHORITY:
        return Finding(False, *_unknown_authority(certificate, ca_file))
    return Finding(False, f"The certificate is refused: {e.verify_message}.")


def _unknown_authority(certificate: Certificate, ca_file: str) -> tuple[str, str]:
    by = "itself" if certificate.is_self_signed else f"{certificate.issuer!r}"
    known = f"PEOPLE_LDAP_CA_FILE {ca_file}" if ca_file else "this machine"
    what = f"The certificate is signed by {by}, an authority that {known} does not know."
    return (
        what,
        "PEOPLE_LDAP_CA_FILE has to name a PEM file with the certificate of that authority.",
    )
