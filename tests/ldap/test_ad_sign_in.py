"""Passwords at a domain controller: Active Directory says why, in its own numbers."""

import pytest

from intranet_people.ldap.connection import (
    BindRefused,
    DirectoryDown,
    ServiceAccountRefused,
    TLSRefused,
)

from ..servers.samba import Samba
from ..servers.tls import make_certificates
from .domain import domain_of, people_of

pytestmark = pytest.mark.samba


def dn_of(samba: Samba, handle: str) -> str:
    return people_of(samba)[handle].dn


@pytest.mark.parametrize("handle", ["alice", "oluwaseun", "kenji", "siobhan", "joerg"])
def test_the_right_password_whatever_the_dn_looks_like(samba: Samba, handle: str) -> None:
    domain_of(samba).bind(dn_of(samba, handle), f"{handle}-password")


@pytest.mark.parametrize(
    ("handle", "password", "data"),
    [
        ("alice", "wrong", "52e"),
        ("hanna", "hanna-password", "533"),
        ("victor", "victor-password", "701"),
        ("hanna", "wrong", "52e"),
    ],
    ids=["wrong password", "disabled", "expired", "disabled and wrong"],
)
def test_a_no_comes_with_its_reason(samba: Samba, handle: str, password: str, data: str) -> None:
    with pytest.raises(BindRefused, match=f"invalidCredentials.* data {data},"):
        domain_of(samba).bind(dn_of(samba, handle), password)


def test_a_password_that_must_be_changed_first(changing_samba: Samba) -> None:
    dn = dn_of(changing_samba, "alice")
    changing_samba.modify(f"dn: {dn}\nchangetype: modify\nreplace: pwdLastSet\npwdLastSet: 0\n")
    with pytest.raises(BindRefused, match="data 773,"):
        domain_of(changing_samba).bind(dn, "alice-password")


def test_nobody_by_that_name(samba: Samba) -> None:
    with pytest.raises(BindRefused, match="invalidCredentials"):
        domain_of(samba).bind(f"CN=Nobody,{samba.base_dn}", "password")


def test_by_the_names_that_windows_knows(samba: Samba) -> None:
    """An operator may name the service account in any of them."""
    for name in ("people@ad.test", "ADTEST\\people"):
        assert domain_of(samba, bind_dn=name).find("(sAMAccountName=alice)", ["cn"])
    with pytest.raises(ServiceAccountRefused, match="PEOPLE_LDAP_BIND_PASSWORD"):
        domain_of(samba, bind_dn="people@ad.test", bind_password="wrong").find("(cn=*)", ["cn"])


def test_starttls(samba: Samba) -> None:
    assert domain_of(samba, uris=[samba.uri]).find("(sAMAccountName=alice)", ["cn"])


def test_without_tls_the_controller_takes_no_password(samba: Samba) -> None:
    """It asks for stronger authentication, which is no word on the password."""
    plain = domain_of(samba, uris=[samba.uri], starttls=False)
    with pytest.raises(DirectoryDown, match="strongerAuthRequired"):
        plain.bind(dn_of(samba, "alice"), "alice-password")


def test_a_foreign_authority_is_refused(
    samba: Samba, tmp_path_factory: pytest.TempPathFactory
) -> None:
    foreign = make_certificates(tmp_path_factory.mktemp("foreign")).ca_file
    for uri in (samba.ldaps_uri, samba.uri):
        with pytest.raises(TLSRefused):
            domain_of(samba, uris=[uri], ca_file=str(foreign)).find("(cn=*)", ["cn"])


def test_a_controller_that_is_down_or_says_nothing(changing_samba: Samba) -> None:
    dn = dn_of(changing_samba, "alice")
    changing_samba.pause()
    with pytest.raises(DirectoryDown):
        domain_of(changing_samba, timeout=1).bind(dn, "alice-password")
    changing_samba.resume()
    changing_samba.kill()
    with pytest.raises(DirectoryDown):
        domain_of(changing_samba).bind(dn, "alice-password")
    changing_samba.start()
    domain_of(changing_samba).bind(dn, "alice-password")
