"""The OpenLDAP that other tests stand on: it starts, answers, changes and stops."""

import socket
import ssl
from pathlib import Path

import pytest

from tests.servers.asking import answers, as_service, search
from tests.servers.process import ServerError
from tests.servers.slapd import NORTHWIND, Slapd
from tests.servers.slapd_conf import TIME_ZONE_SCHEMA

pytestmark = pytest.mark.slapd
ALICE = f"uid=alice,ou=people,{Slapd.base_dn}"
ROOM = f"cn=room,{Slapd.base_dn}"
A_ROOM = f"dn: {ROOM}\nobjectClass: device\ncn: room\n"
ALICE_IN_OSAKA = f"dn: {ALICE}\nchangetype: modify\nreplace: l\nl: Osaka\n"
ENGINEERS = f"""\
dn: cn=engineers,ou=groups,{Slapd.base_dn}
objectClass: groupOfNames
cn: engineers
member: {ALICE}
"""


def test_the_people_of_northwind_are_there(slapd: Slapd) -> None:
    assert slapd.search_count("(objectClass=inetOrgPerson)") == 12
    assert slapd.search_count("(displayName=*Kenji Sato*)") == 1


def test_the_service_account_reads_all_but_passwords(slapd: Slapd) -> None:
    found = search(slapd, *as_service(slapd), "(uid=alice)")
    assert "cn: Alice Liddell" in found.stdout
    assert "userPassword" not in found.stdout


def test_anonymous_reads_the_root_dse_alone(slapd: Slapd) -> None:
    assert search(slapd, "-x", "-H", slapd.uri, "(uid=alice)").stdout == ""
    root = search(slapd, "-x", "-H", slapd.uri, "-b", "", "-s", "base", "namingContexts")
    assert slapd.base_dn in root.stdout


def test_people_bind_with_their_password(slapd: Slapd) -> None:
    bind = ["-x", "-H", slapd.uri, "-b", ALICE, "-D", ALICE, "-w"]
    assert search(slapd, *bind, "alice-password").returncode == 0
    assert search(slapd, *bind, "wrong").returncode == 49  # invalidCredentials


def test_tls_and_local_sockets_answer(slapd: Slapd) -> None:
    ldapi = ["-H", slapd.ldapi_uri, "-Y", "EXTERNAL"]
    for way in (as_service(slapd, slapd.ldaps_uri), [*as_service(slapd), "-ZZ"], ldapi):
        assert "Alice" in search(slapd, *way, "(uid=alice)").stdout


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_the_certificate_is_valid_for(slapd: Slapd, host: str) -> None:
    context = ssl.create_default_context(cafile=slapd.ca_file)
    context.verify_flags |= ssl.VERIFY_X509_STRICT  # Python 3.13 does so by itself
    with (
        socket.create_connection(("127.0.0.1", slapd.ldaps_port)) as plain,
        context.wrap_socket(plain, server_hostname=host) as secure,
    ):
        assert secure.getpeercert()


def test_another_name_or_authority_is_refused(slapd: Slapd) -> None:
    trusting = ssl.create_default_context(cafile=slapd.ca_file)
    for context, host in (
        (trusting, "other.example"),
        (ssl.create_default_context(), "localhost"),
    ):
        with (
            socket.create_connection(("127.0.0.1", slapd.ldaps_port)) as plain,
            pytest.raises(ssl.SSLCertVerificationError),
        ):
            context.wrap_socket(plain, server_hostname=host)


def test_changes_are_made_and_restored(changing_slapd: Slapd) -> None:
    server = changing_slapd
    before = server.search_count()
    server.add(A_ROOM)
    server.modify(ALICE_IN_OSAKA)
    assert server.search_count("(&(uid=alice)(l=Osaka))") == 1
    server.delete(ROOM)
    server.delete(ALICE)
    assert server.search_count() == before - 1
    server.restore()
    assert server.search_count() == before


def test_memberof_follows_live_changes(changing_slapd: Slapd) -> None:
    changing_slapd.add(ENGINEERS)
    assert changing_slapd.search_count("(memberOf=cn=engineers,ou=groups,*)") == 0
    full = f"(memberOf=cn=engineers,ou=groups,{Slapd.base_dn})"
    assert changing_slapd.search_count(full) == 1


def test_relax_lets_an_entry_come_back_with_its_uuid(changing_slapd: Slapd) -> None:
    uuid = "b0a7c2de-1111-4222-8333-123456789abc"
    changing_slapd.add(f"{A_ROOM}entryUUID: {uuid}\n", relax=True)
    assert changing_slapd.search_count(f"(entryUUID={uuid})") == 1


def test_a_refused_command_says_why(slapd: Slapd) -> None:
    with pytest.raises(ServerError, match="Already exists"):
        slapd.add(f"dn: {Slapd.base_dn}\nobjectClass: dcObject\nobjectClass: organization\no: x\n")


def test_paused_it_accepts_and_says_nothing(changing_slapd: Slapd) -> None:
    changing_slapd.pause()
    assert not answers(changing_slapd, 0.3)
    changing_slapd.resume()
    assert answers(changing_slapd, 5)


def test_killed_or_stopped_it_comes_back_with_its_entries() -> None:
    with Slapd(NORTHWIND, tls=False) as server:
        server.add(A_ROOM)
        count, port, pid = server.search_count(), server.port, server.pid
        for ending in (server.kill, server.stop):
            ending()
            with pytest.raises(ConnectionRefusedError):
                answers(server, 1)
            server.start()
            assert (server.search_count(), server.port) == (count, port)
        assert server.pid != pid
    assert not server.directory.exists()


def test_a_paused_server_can_be_stopped() -> None:
    with Slapd(tls=False) as server:
        server.pause()


def test_size_limit_and_extra_schema() -> None:
    with Slapd(NORTHWIND, size_limit=5, schema_lines=TIME_ZONE_SCHEMA) as server:
        found = search(server, *as_service(server), "(uid=*)", "1.1")
        assert (found.returncode, found.stdout.count("dn:")) == (4, 5)  # sizeLimitExceeded
        server.modify(
            f"dn: {ALICE}\nchangetype: modify\nadd: objectClass\nobjectClass: northwindPerson\n"
            "-\nadd: timeZone\ntimeZone: Europe/Amsterdam\n"
        )
        assert (
            "timeZone: Europe/Amsterdam"
            in search(server, *as_service(server), "(uid=alice)").stdout
        )


def test_a_wrong_ldif_is_refused(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.ldif"
    wrong.write_text("cn: nobody\n")
    with pytest.raises(ServerError, match="no dn"):
        Slapd(wrong, tls=False)


def test_a_failed_start_shows_its_log() -> None:
    with pytest.raises(ServerError, match="slapd"), Slapd(schema_lines=["nonsense here"]):
        pass
