"""A server that cannot be asked: each fault by its own name, before any password is sent."""

from __future__ import annotations

import re
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from intranet_people.clock import now

from ..ldap.wire import wire
from ..servers.slapd import NORTHWIND, Slapd
from ..servers.tls import make_certificates
from .conftest import CheckWith, failed, only, said

pytestmark = pytest.mark.slapd


def test_each_server_is_tried(check_with: CheckWith, slapd: Slapd) -> None:
    found = check_with(PEOPLE_LDAP_URI=f"ldaps://127.0.0.1:1 {slapd.ldapi_uri} {slapd.uri}")
    assert failed(found) == ["Nothing listens at port 1: the connection is refused."]
    assert sum("is accepted" in f.what for f in found) == 2
    assert said(found, "12 people match").ok
    assert found[-1].ok is False


def test_a_name_without_an_address(check_with: CheckWith) -> None:
    wrong = only(check_with(PEOPLE_LDAP_URI="ldaps://ldap.northwind.invalid"))
    assert wrong.what.startswith("ldap.northwind.invalid has no address: ")
    assert "PEOPLE_LDAP_URI" in wrong.hint


def test_a_closed_port(check_with: CheckWith) -> None:
    wrong = only(check_with(PEOPLE_LDAP_URI="ldaps://localhost:1"))
    assert wrong.what == "Nothing listens at port 1: the connection is refused."
    assert "636" in wrong.hint


@pytest.mark.parametrize("scheme", ["ldap", "ldaps"])
def test_a_silent_server(check_with: CheckWith, scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        uri = f"{scheme}://localhost:{silent.getsockname()[1]}"
        wrong = only(check_with(PEOPLE_LDAP_URI=uri, PEOPLE_LDAP_TIMEOUT=1))
    assert "Connected, but the server sends nothing" in wrong.what
    assert "stopped" in wrong.hint


@pytest.mark.parametrize("scheme", ["ldap", "ldaps"])
def test_a_server_of_something_else(check_with: CheckWith, scheme: str) -> None:
    with wire(None, [b"HTTP/1.0 400 Bad Request\r\n\r\n"]) as other:
        wrong = only(check_with(PEOPLE_LDAP_URI=f"{scheme}://localhost:{other.port}"))
    assert re.match("It does not speak LDAP|TLS cannot be established", wrong.what)
    assert "636" in wrong.hint


@pytest.fixture(scope="module")
def slapd_without_tls(slapd: Slapd) -> Iterator[Slapd]:
    """A server that refuses StartTLS, and gives eight entries a search."""
    with Slapd(NORTHWIND, tls=False, size_limit=8) as server:
        yield server


def test_starttls_refused(check_with: CheckWith, slapd_without_tls: Slapd, slapd: Slapd) -> None:
    with wire(slapd_without_tls.port) as listening:
        wrong = only(check_with(PEOPLE_LDAP_URI=listening.uri))
    assert wrong.what.startswith("StartTLS is refused (protocolError ")
    assert "use ldaps://" in wrong.hint
    assert b"cn=people" not in listening.heard
    assert slapd.service_password.encode() not in listening.heard


def test_in_clear_where_that_is_allowed(check_with: CheckWith, slapd_without_tls: Slapd) -> None:
    settings = {"PEOPLE_LDAP_URI": slapd_without_tls.uri, "PEOPLE_LDAP_ALLOW_PLAINTEXT": True}
    found = check_with(**settings)
    assert said(found, "StartTLS is refused .*sent in clear text").ok is None
    assert said(found, "is accepted").ok
    found = check_with(**settings, PEOPLE_LDAP_STARTTLS=False)
    assert said(found, "^No TLS: .*sent in clear text").ok is None


def test_a_size_limit(check_with: CheckWith, slapd_without_tls: Slapd) -> None:
    found = check_with(PEOPLE_LDAP_URI=slapd_without_tls.uri, PEOPLE_LDAP_ALLOW_PLAINTEXT=True)
    limit = said(found, "^The read ends early, after 8 people: .*sizeLimitExceeded")
    assert limit.ok is False
    assert "nobody is ever marked as left" in limit.hint
    assert sum(f.what.startswith("uid=") for f in found) == 5


NAMES = "DNS:ldap.elsewhere.example,DNS:*.elsewhere.example,IP:127.0.0.9,URI:x:y"


@pytest.mark.parametrize("secure", ["ldaps", "StartTLS"])
def test_another_host_name(check_with: CheckWith, secure: str) -> None:
    server = Slapd(NORTHWIND)
    make_certificates(server.directory / "tls", NAMES)
    with server:
        uri = server.ldaps_uri if secure == "ldaps" else server.uri
        wrong = only(check_with(server, PEOPLE_LDAP_URI=uri))
    names = "ldap.elsewhere.example, *.elsewhere.example, 127.0.0.9"
    assert wrong.what == f"The certificate is for {names}, not for localhost."
    assert "PEOPLE_LDAP_URI" in wrong.hint


@pytest.mark.parametrize("secure", ["ldaps", "StartTLS"])
def test_an_unknown_authority(
    check_with: CheckWith, slapd: Slapd, tmp_path: Path, secure: str
) -> None:
    uri = slapd.ldaps_uri if secure == "ldaps" else slapd.uri
    wrong = only(check_with(PEOPLE_LDAP_URI=uri, PEOPLE_LDAP_CA_FILE=""))
    assert "signed by 'Northwind test CA'" in wrong.what
    assert "this machine does not know" in wrong.what
    assert "PEOPLE_LDAP_CA_FILE" in wrong.hint
    foreign = str(make_certificates(tmp_path / "foreign").ca_file)
    wrong = only(check_with(PEOPLE_LDAP_URI=uri, PEOPLE_LDAP_CA_FILE=foreign))
    assert f"PEOPLE_LDAP_CA_FILE {foreign} does not know" in wrong.what


def test_a_certificate_that_signs_itself(check_with: CheckWith) -> None:
    server = Slapd(NORTHWIND)
    openssl(
        server.directory / "tls",
        "req -x509 -new -key server.key -subj /CN=localhost -config openssl.cnf"
        " -extensions server -out server.crt",
    )
    with server:
        wrong = only(check_with(server, PEOPLE_LDAP_CA_FILE=""))
    assert wrong.what.startswith("The certificate is signed by itself, an authority that ")


def test_a_certificate_that_expired(check_with: CheckWith) -> None:
    server = Slapd(NORTHWIND)
    sign(server.directory / "tls", "20240101", "20240201")
    with server:
        wrong = only(check_with(server))
    assert wrong.what == "The certificate expired on 2024-02-01."
    assert wrong.hint == "The server needs a new one."


def test_a_certificate_that_is_not_valid_yet(check_with: CheckWith) -> None:
    server = Slapd(NORTHWIND)
    year = now().year
    sign(server.directory / "tls", f"{year + 1}0101", f"{year + 2}0101")
    with server:
        wrong = only(check_with(server))
    assert wrong.what == "The certificate, or its authority's, is not valid yet."
    assert "clock" in wrong.hint


def test_a_certificate_for_another_use(check_with: CheckWith) -> None:
    """What Python does not read is told in the words of OpenSSL."""
    server = Slapd(NORTHWIND)
    folder = server.directory / "tls"
    settings = (folder / "openssl.cnf").read_text()
    (folder / "openssl.cnf").write_text(settings.replace("serverAuth", "clientAuth"))
    sign(folder, "20240101", "20490101")
    with server:
        wrong = only(check_with(server))
    assert wrong.what.startswith("The certificate is refused: ")
    assert "purpose" in wrong.what


def sign(folder: Path, start: str, end: str) -> None:
    """Sign the server's certificate once more, from one day to another, as YYYYMMDD."""
    (folder / "index").touch()
    (folder / "ca.cnf").write_text(
        "[ca]\ndefault_ca = us\n[us]\ndatabase = index\nrand_serial = yes\nnew_certs_dir = .\n"
        "default_md = sha256\npolicy = any\n[any]\ncommonName = supplied\n"
    )
    openssl(
        folder, "req -new -key server.key -subj /CN=localhost -config openssl.cnf -out server.csr"
    )
    openssl(
        folder,
        "ca -batch -notext -config ca.cnf -cert ca.crt -keyfile ca.key -in server.csr"
        f" -startdate {start}000000Z -enddate {end}000000Z"
        " -extfile openssl.cnf -extensions server -out server.crt",
    )


def openssl(folder: Path, command: str) -> None:
    subprocess.run(["openssl", *command.split()], cwd=folder, check=True, capture_output=True)


def test_a_ca_file_without_a_certificate(check_with: CheckWith) -> None:
    wrong = only(check_with(PEOPLE_LDAP_CA_FILE=__file__))
    assert wrong.what.startswith(f"PEOPLE_LDAP_CA_FILE {__file__} contains no certificate")


def test_a_wrong_password(check_with: CheckWith) -> None:
    wrong = only(check_with(PEOPLE_LDAP_BIND_PASSWORD="wrong"))
    assert "was refused: invalidCredentials" in wrong.what
    assert "PEOPLE_LDAP_BIND_PASSWORD" in wrong.what


def test_a_password_file_that_is_empty(check_with: CheckWith, tmp_path: Path) -> None:
    empty = tmp_path / "password"
    empty.touch()
    found = check_with(PEOPLE_LDAP_BIND_PASSWORD=None, PEOPLE_LDAP_BIND_PASSWORD_FILE=str(empty))
    assert "its first line is empty" in only(found).what
