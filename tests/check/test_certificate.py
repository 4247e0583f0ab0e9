"""Certificates are read whoever signed them, and nonsense is told from them."""

from __future__ import annotations

import ssl
from datetime import timedelta
from pathlib import Path

import pytest

from intranet_people.check.certificate import Certificate
from intranet_people.clock import now
from intranet_people.ldap.ber import Malformed

from ..servers.tls import make_certificates


@pytest.fixture(scope="module")
def der(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    names = "DNS:ldap.northwind.example,DNS:*.northwind.example,IP:10.1.2.3,IP:fd00::7,URI:x:y"
    made = make_certificates(tmp_path_factory.mktemp("certificates") / "tls", names)
    return ssl.PEM_cert_to_DER_cert(made.certificate.read_text())


def test_what_it_says(der: bytes) -> None:
    read = Certificate.of(der)
    hosts = ("ldap.northwind.example", "*.northwind.example")
    assert read.names == (*hosts, "10.1.2.3", "fd00::7")
    assert (read.subject, read.issuer) == ("localhost", "Northwind test CA")
    assert timedelta(days=29) < read.ends_at - now() <= timedelta(days=30)
    assert not read.is_self_signed


def test_an_authority(tmp_path: Path) -> None:
    made = make_certificates(tmp_path / "tls")
    authority = Certificate.of(ssl.PEM_cert_to_DER_cert(made.ca_file.read_text()))
    assert authority.names == ("Northwind test CA",)
    assert authority.is_self_signed


def test_the_authorities_that_python_trusts_can_all_be_read() -> None:
    for one in ssl.create_default_context().get_ca_certs(binary_form=True):
        assert Certificate.of(one).is_self_signed in (True, False)


def test_nonsense(der: bytes) -> None:
    for cut in range(0, len(der), 7):
        with pytest.raises(Malformed):
            Certificate.of(der[:cut])
    for at in range(0, len(der), 3):
        damaged = der[:at] + bytes((der[at] ^ 0xFF,)) + der[at + 1 :]
        try:
            Certificate.of(damaged)
        except Malformed:
            continue
