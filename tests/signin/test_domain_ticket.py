"""A ticket of Active Directory: the keytab of a service account, and whose name the ticket has."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from intranet_people.signin.spnego import Spnego

from ..servers.fixtures import need
from ..servers.kerberos import missing_package
from ..servers.samba import Samba
from .tickets import NEEDS_GSSAPI, negotiate

pytestmark = [pytest.mark.samba, pytest.mark.kerberos, NEEDS_GSSAPI]
SITE = "HTTP/people.ad.test"


@pytest.fixture
def keytab(changing_samba: Samba) -> Path:
    """As docs/sign-in.md says."""
    changing_samba.modify(
        f"dn: {changing_samba.service_dn}\nchangetype: modify\nadd: servicePrincipalName\n"
        f"servicePrincipalName: {SITE}\n-\nadd: msDS-SupportedEncryptionTypes\n"
        "msDS-SupportedEncryptionTypes: 24\n"
    )
    return changing_samba.export_keytab(SITE.replace("/", "-"), SITE)


@pytest.mark.parametrize("typed", ["alice", "ALICE", "alice@AD.TEST"])
def test_a_ticket_of_the_domain(
    changing_samba: Samba, keytab: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    need(missing_package())
    monkeypatch.setenv("KRB5_CONFIG", str(changing_samba.krb5_config))
    monkeypatch.setenv("KRB5RCACHENAME", f"file2:{tmp_path / 'seen'}")
    tickets = {"KRB5CCNAME": f"FILE:{tmp_path / 'tickets'}"}
    subprocess.run(
        ["kinit", typed],
        input="alice-password\n",
        text=True,
        env={**os.environ, **tickets},
        check=True,
        capture_output=True,
    )
    ticket = Spnego(str(keytab)).accept(negotiate(tickets, SITE))
    assert ticket.name.lower() == "alice"
