"""A certificate authority for one test run and a server certificate that it signed.

Python 3.13 checks strictly (RFC 5280): a CA needs keyUsage, a certificate the authority's key id.
"""

import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

CONFIGURATION = """\
[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = {names}
"""
NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc")


@dataclass(frozen=True)
class Certificates:
    ca_file: Path
    certificate: Path
    key: Path


def make_certificates(directory: Path, names: str | None = None) -> Certificates:
    """Writes ca.crt, server.crt and server.key into `directory`, which it creates.

    `names` is a subjectAltName in the words of openssl. The host's own name is among the usual
    ones because libldap takes it for localhost.
    """
    directory.mkdir(parents=True, exist_ok=True)
    names = names or f"DNS:localhost,DNS:{socket.gethostname()},IP:127.0.0.1"
    (directory / "openssl.cnf").write_text(CONFIGURATION.format(names=names))
    common = ("-config", "openssl.cnf", "-days", "30")
    authority = ("-subj", "/CN=Northwind test CA", "-extensions", "ca", "-keyout", "ca.key")
    _openssl(directory, "req", "-x509", *NEW_KEY, *common, *authority, "-out", "ca.crt")
    server = ("-subj", "/CN=localhost", "-extensions", "server", "-keyout", "server.key")
    signed = ("-CA", "ca.crt", "-CAkey", "ca.key", "-out", "server.crt")
    _openssl(directory, "req", "-x509", *NEW_KEY, *common, *server, *signed)
    return Certificates(directory / "ca.crt", directory / "server.crt", directory / "server.key")


def _openssl(directory: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=directory, check=True, capture_output=True)
