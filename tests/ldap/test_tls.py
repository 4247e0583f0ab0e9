"""What is sent, and to whom: only over TLS, and only to the server that was meant."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from intranet_people.ldap.connection import DirectoryDown, TLSRefused

from ..servers.slapd import NORTHWIND, Slapd
from ..servers.tls import make_certificates
from .conftest import PERSON, directory_of
from .wire import wire

pytestmark = pytest.mark.slapd


@pytest.fixture(scope="module")
def slapd_without_tls(slapd: Slapd) -> Iterator[Slapd]:
    """A server that refuses StartTLS."""
    with Slapd(NORTHWIND, tls=False) as server:
        yield server


@pytest.fixture(scope="module")
def slapd_of_another_name(slapd: Slapd) -> Iterator[Slapd]:
    """A server whose certificate is signed by the right authority, for another host."""
    server = Slapd(NORTHWIND)
    make_certificates(server.directory / "tls", "DNS:ldap.elsewhere.example")
    with server:
        yield server


def test_ldaps_and_starttls_read(slapd: Slapd) -> None:
    for uri in (slapd.ldaps_uri, slapd.uri):
        assert len(directory_of(slapd, uris=[uri]).find(PERSON, ["uid"])) == 12


def test_ldapi_reads(slapd: Slapd) -> None:
    assert len(directory_of(slapd, uris=[slapd.ldapi_uri]).find(PERSON, ["uid"])) == 12


def test_starttls_hides_the_password(slapd: Slapd) -> None:
    with wire(slapd.port) as listening:
        directory_of(slapd, uris=[listening.uri]).find(PERSON, ["uid"])
    assert listening.heard
    assert slapd.service_password.encode() not in listening.heard


@pytest.mark.parametrize("secure", ["ldaps", "StartTLS"])
def test_a_foreign_authority_is_refused(slapd: Slapd, tmp_path: Path, secure: str) -> None:
    foreign = make_certificates(tmp_path / "foreign").ca_file
    uri = slapd.ldaps_uri if secure == "ldaps" else slapd.uri
    with pytest.raises(TLSRefused, match="PEOPLE_LDAP_CA_FILE"):
        directory_of(slapd, uris=[uri], ca_file=str(foreign)).find(PERSON, ["uid"])


def test_without_a_ca_file_the_systems_authorities_decide(slapd: Slapd) -> None:
    with pytest.raises(TLSRefused, match="PEOPLE_LDAP_CA_FILE"):
        directory_of(slapd, ca_file="").find(PERSON, ["uid"])


@pytest.mark.parametrize("secure", ["ldaps", "StartTLS"])
def test_another_host_name_is_refused(slapd_of_another_name: Slapd, secure: str) -> None:
    server = slapd_of_another_name
    uri = server.ldaps_uri if secure == "ldaps" else server.uri
    with pytest.raises(TLSRefused, match="host name"):
        directory_of(server, uris=[uri]).find(PERSON, ["uid"])


def test_where_starttls_is_refused_nothing_is_sent_in_clear(slapd_without_tls: Slapd) -> None:
    with wire(slapd_without_tls.port) as listening:
        directory = directory_of(slapd_without_tls, uris=[listening.uri], ca_file="")
        with pytest.raises(TLSRefused, match=r"refused StartTLS .*Use ldaps://"):
            directory.find(PERSON, ["uid"])
        with pytest.raises(TLSRefused):
            directory.bind(f"uid=alice,ou=people,{slapd_without_tls.base_dn}", "alice-password")
    assert listening.heard
    for part_of_a_bind in (b"password", b"cn=people", b"uid=alice"):
        assert part_of_a_bind not in listening.heard


@pytest.mark.parametrize("how", [{"starttls": False}, {"allow_plaintext": True}])
def test_plain_ldap_where_the_operator_allows_it(
    slapd_without_tls: Slapd, how: dict[str, bool]
) -> None:
    directory = directory_of(slapd_without_tls, uris=[slapd_without_tls.uri], ca_file="", **how)
    assert len(directory.find(PERSON, ["uid"])) == 12
    directory.bind(f"uid=alice,ou=people,{slapd_without_tls.base_dn}", "alice-password")


def test_allowing_plain_ldap_trusts_no_foreign_authority(slapd: Slapd) -> None:
    directory = directory_of(slapd, uris=[slapd.uri], ca_file="", allow_plaintext=True)
    with pytest.raises(TLSRefused):
        directory.find(PERSON, ["uid"])


def test_tls_where_the_server_speaks_none(slapd_without_tls: Slapd) -> None:
    uri = f"ldaps://localhost:{slapd_without_tls.port}"
    with pytest.raises((TLSRefused, DirectoryDown)):
        directory_of(slapd_without_tls, uris=[uri], ca_file="").find(PERSON, ["uid"])


def test_no_repr_shows_the_password(slapd: Slapd) -> None:
    assert slapd.service_password not in repr(directory_of(slapd))
