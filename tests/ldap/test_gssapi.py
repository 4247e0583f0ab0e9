"""The service account by Kerberos: no password in the settings, a keytab on the disk."""

import logging
from importlib.util import find_spec
from pathlib import Path

import pytest

from intranet_people.ldap.connection import Directory, DirectoryError
from intranet_people.ldap.presets import AD

from ..servers.samba import Samba
from .domain import domain_of

pytestmark = [
    pytest.mark.samba,
    pytest.mark.skipif(
        not (find_spec("gssapi") and find_spec("cryptography")),
        reason="the package gssapi is not here: it is built where libkrb5-dev is installed",
    ),
]


@pytest.fixture
def kerberos(samba: Samba, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The environment of a machine in the domain; gives the place of the client's keytab."""
    monkeypatch.setenv("KRB5_CONFIG", str(samba.krb5_config))
    monkeypatch.setenv("KRB5CCNAME", f"FILE:{tmp_path / 'tickets'}")
    monkeypatch.setenv("KRB5_CLIENT_KTNAME", str(tmp_path / "keytab"))
    return tmp_path / "keytab"


def by_kerberos(samba: Samba, uri: str) -> Directory:
    return domain_of(samba, uris=[uri], sasl="GSSAPI", bind_dn="", bind_password="")


@pytest.mark.parametrize("secure", ["ldaps", "StartTLS"])
def test_a_keytab_opens_the_directory(samba: Samba, kerberos: Path, secure: str) -> None:
    samba.export_keytab("people").rename(kerberos)
    directory = by_kerberos(samba, samba.ldaps_uri if secure == "ldaps" else samba.uri)
    assert len(list(directory.read(AD.person_filter, AD.attributes))) == 14
    (read, *_) = directory.reads(AD)
    assert len(list(read)) == 14


def test_people_still_bind_with_their_passwords(samba: Samba, kerberos: Path) -> None:
    samba.export_keytab("people").rename(kerberos)
    directory = by_kerberos(samba, samba.ldaps_uri)
    (alice,) = directory.find("(sAMAccountName=alice)", ["cn"])
    directory.bind(alice.dn, "alice-password")


def test_without_a_ticket_the_log_says_so(
    samba: Samba, kerberos: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING), pytest.raises(DirectoryError, match=r"(?i)credential"):
        by_kerberos(samba, samba.ldaps_uri).find("(cn=*)", ["cn"])
    assert not kerberos.exists()


def test_an_account_that_was_disabled_gets_no_ticket(changing_samba: Samba, kerberos: Path) -> None:
    changing_samba.export_keytab("people").rename(kerberos)
    changing_samba.modify(
        f"dn: {changing_samba.service_dn}\nchangetype: modify\n"
        "replace: userAccountControl\nuserAccountControl: 514\n"
    )
    with pytest.raises(DirectoryError, match=r"(?i)revoked"):
        by_kerberos(changing_samba, changing_samba.ldaps_uri).find("(cn=*)", ["cn"])
