"""The KDC that other tests stand on: who gets a ticket, and what it leaves."""

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.servers.process import ServerError
from tests.servers.process import answers as is_open

if TYPE_CHECKING:
    from tests.servers.kerberos import Kerberos

pytestmark = pytest.mark.kerberos


def asks(environment: dict[str, str], service: str) -> "subprocess.CompletedProcess[str]":
    """For a ticket for that service."""
    env = {**os.environ, **environment}
    command = ["kvno", service]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", ["alice", "alice@EXAMPLE.TEST", "alice@OTHER.TEST"])
def test_people_of_both_realms_get_tickets(kerberos: "Kerberos", name: str) -> None:
    done = asks(kerberos.ticket(name), "HTTP/localhost@EXAMPLE.TEST")
    assert "kvno = 1" in done.stdout


def test_nobody_gets_none(kerberos: "Kerberos") -> None:
    assert asks(kerberos.no_ticket(), "HTTP/localhost@EXAMPLE.TEST").returncode != 0
    with pytest.raises(ServerError, match="not found in Kerberos database"):
        kerberos.ticket("nobody")


def test_more_people_and_services(kerberos: "Kerberos") -> None:
    kerberos.add("noor", "HTTP/new.example")
    assert asks(kerberos.ticket("noor"), "HTTP/new.example").returncode == 0
    assert kerberos.keytab("HTTP/new.example").stat().st_size > 0
    with pytest.raises(ServerError, match="does not exist"):
        kerberos.keytab("HTTP/nowhere.example")


def test_it_leaves_nothing() -> None:
    from tests.servers.kerberos import Kerberos

    with Kerberos(["alice"]) as server:
        port, folder = server.port, server.directory
    assert not folder.exists()
    assert not is_open(port)
