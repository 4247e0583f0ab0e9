"""The Active Directory that other tests stand on: it starts, answers, changes and stops."""

import socket
import ssl
from itertools import cycle
from typing import TYPE_CHECKING

import pytest

from tests.servers.asking import answers, as_service, search
from tests.servers.process import ServerError

if TYPE_CHECKING:
    from tests.servers.samba import Samba

pytestmark = pytest.mark.samba


def test_the_people_of_northwind_are_there(samba: "Samba") -> None:
    found = search(samba, *as_service(samba, samba.ldaps_uri), "(objectClass=user)", "1.1")
    assert found.stdout.count("dn:") == 15  # and a computer


def test_tls_alone_takes_a_password(samba: "Samba") -> None:
    starttls = [*as_service(samba), "-ZZ"]
    assert "Alice" in search(samba, *starttls, "(sAMAccountName=alice)").stdout
    refused = search(samba, *as_service(samba), "(sAMAccountName=alice)")
    assert refused.returncode == 8  # strongerAuthRequired


@pytest.mark.parametrize("host", ["dc1.ad.test", "localhost", "its address"])
def test_the_certificate_is_valid_for(samba: "Samba", host: str) -> None:
    context = ssl.create_default_context(cafile=samba.ca_file)
    host = samba.address if host == "its address" else host
    with (
        socket.create_connection((samba.address, 636)) as plain,
        context.wrap_socket(plain, server_hostname=host) as secure,
    ):
        assert secure.getpeercert()


def test_it_has_an_address_of_its_own(samba: "Samba") -> None:
    from tests.servers.samba_needs import free_address

    assert samba.address.startswith("127.")
    assert samba.address not in ("127.0.0.1", free_address())


def test_where_it_cannot_start_it_says_why(samba: "Samba", monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.servers.samba_needs import obstacle

    assert obstacle() is None
    with monkeypatch.context() as patch:
        patch.setattr("os.getuid", lambda: 1000)
        assert "needs root" in (obstacle() or "")
    # The controller that runs holds the ports of the only address to choose from.
    parts = cycle(map(int, samba.address.split(".")[1:]))
    monkeypatch.setattr("random.randint", lambda low, high: next(parts))
    assert "taken" in (obstacle() or "")


def test_changes_are_made_and_restored(changing_samba: "Samba") -> None:
    server = changing_samba
    alice = "CN=Alice Liddell,OU=Rotterdam,OU=Northwind,DC=ad,DC=test"
    before = server.ask_the_database("(sAMAccountName=alice)", "objectGUID", "uSNChanged")
    server.modify(f"dn: {alice}\nchangetype: modify\nreplace: l\nl: Osaka\n")
    assert "l: Osaka" in server.ask_the_database("(sAMAccountName=alice)", "l")
    server.delete(alice)
    assert "sAMAccountName" not in server.ask_the_database("(sAMAccountName=alice)")
    server.restore()
    after = server.ask_the_database("(sAMAccountName=alice)", "objectGUID", "uSNChanged")
    assert after == before


def test_a_refused_command_says_why(samba: "Samba") -> None:
    with pytest.raises(ServerError, match="No such object"):
        samba.delete(f"CN=Nobody,{samba.base_dn}")


def test_paused_it_accepts_and_says_nothing(changing_samba: "Samba") -> None:
    changing_samba.pause()
    assert not answers(changing_samba, 0.3)
    changing_samba.resume()
    assert answers(changing_samba, 5)


def test_killed_or_stopped_it_comes_back_with_its_entries(changing_samba: "Samba") -> None:
    server, pid = changing_samba, changing_samba.pid
    server.add(f"dn: CN=Room,{server.base_dn}\nobjectClass: contact\n")
    for ending in (server.kill, server.stop):
        ending()
        with pytest.raises(ConnectionRefusedError):
            answers(server, 1)
        server.start()
        assert "CN=Room" in server.ask_the_database("(cn=Room)", "cn")
    assert server.pid != pid
