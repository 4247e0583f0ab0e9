from typing import Any

import pytest

from intranet_people.ldap.connection import Directory

from ..servers.slapd import Slapd

PERSON = "(objectClass=inetOrgPerson)"


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
