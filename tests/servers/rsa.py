"""An RSA key pair of one test run, to sign with as providers of sign-in do (by openssl)."""

import base64
import subprocess
from pathlib import Path


class Key:
    """The pair, and a certificate for it."""

    def __init__(self, folder: Path, name: str) -> None:
        self._file, certificate = folder / f"{name}.key", folder / f"{name}.crt"
        new = ("-newkey", "rsa:2048", "-noenc", "-keyout", self._file, "-out", certificate)
        _openssl("req", "-x509", *new, "-subj", f"/CN={name}", "-days", "30")
        self.certificate = "".join(certificate.read_text().splitlines()[1:-1])
        """In base64, without a line around it."""
        modulus = _openssl("x509", "-in", certificate, "-noout", "-modulus")
        self.modulus = bytes.fromhex(modulus.decode().strip().partition("=")[2])
        self.exponent = b"\1\0\1"

    def sign(self, data: bytes) -> bytes:
        """RSASSA-PKCS1-v1_5 with SHA-256: RS256 of JOSE, rsa-sha256 of XML signatures."""
        return _openssl("dgst", "-sha256", "-sign", self._file, given=data)


def base64url(data: bytes) -> str:
    """As JOSE writes it (RFC 7515, 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _openssl(*arguments: str | Path, given: bytes = b"") -> bytes:
    command = ["openssl", *map(str, arguments)]
    return subprocess.run(command, input=given, check=True, capture_output=True).stdout
