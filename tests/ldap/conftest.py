from collections.abc import Iterator
from typing import Any

import pytest

from intranet_people.ldap.connection import Directory

from ..servers.slapd import NORTHWIND, Slapd

PERSON = "(objectClass=inetOrgPerson)"
GUESTS = 2000


def directory_of(slapd: Slapd, **options: Any) -> Directory:
    """That server as its service account sees it; `options` are those of Directory."""
    settings: dict[str, Any] = {
        "uris": [slapd.ldaps_uri],
        "base_dn": slapd.base_dn,
        "bind_dn": slapd.service_dn,
        "bind_password": slapd.service_password,
        "timeout": 2,
    }
    if "ca_file" not in options and slapd.ldaps_uri:
        settings["ca_file"] = str(slapd.directory / "tls" / "ca.crt")
    return Directory(**settings | options)


@pytest.fixture
def directory(slapd: Slapd) -> Directory:
    """The twelve of Northwind over ldaps."""
    return directory_of(slapd)


@pytest.fixture(scope="session")
def slapd_with_guests(slapd: Slapd, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    """The twelve and two thousand more, whose photos no buffer between us and it holds."""
    ldif = tmp_path_factory.mktemp("ldif") / "guests.ldif"
    ldif.write_text(NORTHWIND.read_text("utf-8") + "".join(map(_guest, range(GUESTS))), "utf-8")
    with Slapd(ldif) as server:
        yield server


@pytest.fixture
def large_slapd(slapd_with_guests: Slapd) -> Iterator[Slapd]:
    """That one, for a test that stops or kills it: started again afterwards."""
    yield slapd_with_guests
    slapd_with_guests.stop()
    slapd_with_guests.start()


def _guest(n: int) -> str:
    return (
        f"\ndn: uid=guest{n},ou=people,{Slapd.base_dn}\nobjectClass: inetOrgPerson\n"
        f"uid: guest{n}\ncn: Guest\nsn: Guest\njpegPhoto: {'x' * 8000}\n"
    )
