"""The servers that the other tests stand on: each one starts, answers and stops."""

import os
import socket
import ssl
import subprocess
import threading
import urllib.request
from collections.abc import Iterable
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from sqlalchemy import create_engine, text

from tests.servers import fixtures
from tests.servers.process import ServerError, free_port
from tests.servers.process import answers as is_open
from tests.servers.slapd import NORTHWIND, Slapd
from tests.servers.slapd_conf import TIME_ZONE_SCHEMA
from tests.servers.web import serve

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from playwright.sync_api import Browser

    from tests.servers.kerberos import Kerberos
    from tests.servers.postgresql import PostgreSQL
    from tests.servers.samba import Samba

ALICE = f"uid=alice,ou=people,{Slapd.base_dn}"
ALICE_IN_OSAKA = f"dn: {ALICE}\nchangetype: modify\nreplace: l\nl: Osaka\n"
ROOM = f"cn=room,{Slapd.base_dn}"
A_ROOM = f"dn: {ROOM}\nobjectClass: device\ncn: room\n"
ENGINEERS = f"""\
dn: cn=engineers,ou=groups,{Slapd.base_dn}
objectClass: groupOfNames
cn: engineers
member: {ALICE}
"""


def search(server: "Slapd | Samba", *arguments: str) -> subprocess.CompletedProcess[str]:
    """ldapsearch below the base, with what `arguments` say of host and identity."""
    return subprocess.run(
        ["ldapsearch", "-LLL", "-o", "ldif-wrap=no", "-b", server.base_dn, *arguments],
        env={"LDAPTLS_CACERT": str(server.ca_file), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


def as_service(server: "Slapd | Samba", uri: str | None = None) -> list[str]:
    return ["-x", "-H", uri or server.uri, "-D", server.service_dn, "-w", server.service_password]


def answers(server: "Slapd | Samba", seconds: float) -> bool:
    """Whether it says anything to an anonymous bind within that time."""
    anonymous_bind = bytes.fromhex("300c020101600702010304008000")
    where = ("127.0.0.1", server.port) if isinstance(server, Slapd) else (server.address, 389)
    with socket.create_connection(where, seconds) as connection:
        connection.sendall(anonymous_bind)
        try:
            return connection.recv(1) == b"\x30"
        except TimeoutError:
            return False


@pytest.mark.slapd
class TestSlapd:
    def test_the_people_of_northwind_are_there(self, slapd: Slapd) -> None:
        assert slapd.search_count("(objectClass=inetOrgPerson)") == 12
        assert slapd.search_count("(displayName=*Kenji Sato*)") == 1

    def test_the_service_account_reads_all_but_passwords(self, slapd: Slapd) -> None:
        found = search(slapd, *as_service(slapd), "(uid=alice)")
        assert "cn: Alice Liddell" in found.stdout
        assert "userPassword" not in found.stdout

    def test_anonymous_reads_the_root_dse_alone(self, slapd: Slapd) -> None:
        assert search(slapd, "-x", "-H", slapd.uri, "(uid=alice)").stdout == ""
        root = search(slapd, "-x", "-H", slapd.uri, "-b", "", "-s", "base", "namingContexts")
        assert slapd.base_dn in root.stdout

    def test_people_bind_with_their_password(self, slapd: Slapd) -> None:
        bind = ["-x", "-H", slapd.uri, "-b", ALICE, "-D", ALICE, "-w"]
        assert search(slapd, *bind, "alice-password").returncode == 0
        assert search(slapd, *bind, "wrong").returncode == 49  # invalidCredentials

    def test_tls_and_local_sockets_answer(self, slapd: Slapd) -> None:
        ldapi = ["-H", slapd.ldapi_uri, "-Y", "EXTERNAL"]
        for way in (as_service(slapd, slapd.ldaps_uri), [*as_service(slapd), "-ZZ"], ldapi):
            assert "Alice" in search(slapd, *way, "(uid=alice)").stdout

    @pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
    def test_the_certificate_is_valid_for(self, slapd: Slapd, host: str) -> None:
        context = ssl.create_default_context(cafile=slapd.ca_file)
        context.verify_flags |= ssl.VERIFY_X509_STRICT  # Python 3.13 does so by itself
        with (
            socket.create_connection(("127.0.0.1", slapd.ldaps_port)) as plain,
            context.wrap_socket(plain, server_hostname=host) as secure,
        ):
            assert secure.getpeercert()

    def test_another_name_or_authority_is_refused(self, slapd: Slapd) -> None:
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

    def test_changes_are_made_and_restored(self, changing_slapd: Slapd) -> None:
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

    def test_memberof_follows_live_changes(self, changing_slapd: Slapd) -> None:
        changing_slapd.add(ENGINEERS)
        assert changing_slapd.search_count("(memberOf=cn=engineers,ou=groups,*)") == 0
        full = f"(memberOf=cn=engineers,ou=groups,{Slapd.base_dn})"
        assert changing_slapd.search_count(full) == 1

    def test_relax_lets_an_entry_come_back_with_its_uuid(self, changing_slapd: Slapd) -> None:
        uuid = "b0a7c2de-1111-4222-8333-123456789abc"
        changing_slapd.add(f"{A_ROOM}entryUUID: {uuid}\n", relax=True)
        assert changing_slapd.search_count(f"(entryUUID={uuid})") == 1

    def test_a_refused_command_says_why(self, slapd: Slapd) -> None:
        with pytest.raises(ServerError, match="Already exists"):
            slapd.add(
                f"dn: {Slapd.base_dn}\nobjectClass: dcObject\nobjectClass: organization\no: x\n"
            )

    def test_paused_it_accepts_and_says_nothing(self, changing_slapd: Slapd) -> None:
        changing_slapd.pause()
        assert not answers(changing_slapd, 0.3)
        changing_slapd.resume()
        assert answers(changing_slapd, 5)

    def test_killed_or_stopped_it_comes_back_with_its_entries(self) -> None:
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

    def test_a_paused_server_can_be_stopped(self) -> None:
        with Slapd(tls=False) as server:
            server.pause()

    def test_size_limit_and_extra_schema(self) -> None:
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

    def test_a_wrong_ldif_is_refused(self, tmp_path: Path) -> None:
        wrong = tmp_path / "wrong.ldif"
        wrong.write_text("cn: nobody\n")
        with pytest.raises(ServerError, match="no dn"):
            Slapd(wrong, tls=False)

    def test_a_failed_start_shows_its_log(self) -> None:
        with pytest.raises(ServerError, match="slapd"), Slapd(schema_lines=["nonsense here"]):
            pass


@pytest.mark.samba
class TestSamba:
    def test_the_people_of_northwind_are_there(self, samba: "Samba") -> None:
        found = search(samba, *as_service(samba, samba.ldaps_uri), "(objectClass=user)", "1.1")
        assert found.stdout.count("dn:") == 15  # and a computer

    def test_tls_alone_takes_a_password(self, samba: "Samba") -> None:
        starttls = [*as_service(samba), "-ZZ"]
        assert "Alice" in search(samba, *starttls, "(sAMAccountName=alice)").stdout
        refused = search(samba, *as_service(samba), "(sAMAccountName=alice)")
        assert refused.returncode == 8  # strongerAuthRequired

    @pytest.mark.parametrize("host", ["dc1.ad.test", "localhost", "its address"])
    def test_the_certificate_is_valid_for(self, samba: "Samba", host: str) -> None:
        context = ssl.create_default_context(cafile=samba.ca_file)
        host = samba.address if host == "its address" else host
        with (
            socket.create_connection((samba.address, 636)) as plain,
            context.wrap_socket(plain, server_hostname=host) as secure,
        ):
            assert secure.getpeercert()

    def test_it_has_an_address_of_its_own(self, samba: "Samba") -> None:
        from tests.servers.samba import free_address

        assert samba.address.startswith("127.")
        assert samba.address not in ("127.0.0.1", free_address())

    def test_where_it_cannot_start_it_says_why(
        self, samba: "Samba", monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from tests.servers.samba import obstacle

        assert obstacle() is None
        with monkeypatch.context() as patch:
            patch.setattr("os.getuid", lambda: 1000)
            assert "needs root" in (obstacle() or "")
        # The controller that runs holds the ports of the only address to choose from.
        parts = cycle(map(int, samba.address.split(".")[1:]))
        monkeypatch.setattr("random.randint", lambda low, high: next(parts))
        assert "taken" in (obstacle() or "")

    def test_changes_are_made_and_restored(self, changing_samba: "Samba") -> None:
        server = changing_samba
        alice = "CN=Alice Liddell,OU=Rotterdam,OU=Northwind,DC=ad,DC=test"
        before = server.ask_the_database("(sAMAccountName=alice)", "objectGUID", "uSNChanged")
        server.modify(ALICE_IN_OSAKA.replace(ALICE, alice))
        assert "l: Osaka" in server.ask_the_database("(sAMAccountName=alice)", "l")
        server.delete(alice)
        assert "sAMAccountName" not in server.ask_the_database("(sAMAccountName=alice)")
        server.restore()
        after = server.ask_the_database("(sAMAccountName=alice)", "objectGUID", "uSNChanged")
        assert after == before

    def test_a_refused_command_says_why(self, samba: "Samba") -> None:
        with pytest.raises(ServerError, match="No such object"):
            samba.delete(f"CN=Nobody,{samba.base_dn}")

    def test_paused_it_accepts_and_says_nothing(self, changing_samba: "Samba") -> None:
        changing_samba.pause()
        assert not answers(changing_samba, 0.3)
        changing_samba.resume()
        assert answers(changing_samba, 5)

    def test_killed_or_stopped_it_comes_back_with_its_entries(
        self, changing_samba: "Samba"
    ) -> None:
        server, pid = changing_samba, changing_samba.pid
        server.add(f"dn: CN=Room,{server.base_dn}\nobjectClass: contact\n")
        for ending in (server.kill, server.stop):
            ending()
            with pytest.raises(ConnectionRefusedError):
                answers(server, 1)
            server.start()
            assert "CN=Room" in server.ask_the_database("(cn=Room)", "cn")
        assert server.pid != pid


@pytest.mark.kerberos
class TestKerberos:
    @staticmethod
    def asks(environment: dict[str, str], service: str) -> "subprocess.CompletedProcess[str]":
        """For a ticket for that service."""
        env = {**os.environ, **environment}
        command = ["kvno", service]
        return subprocess.run(command, env=env, capture_output=True, text=True, check=False)

    @pytest.mark.parametrize("name", ["alice", "alice@EXAMPLE.TEST", "alice@OTHER.TEST"])
    def test_people_of_both_realms_get_tickets(self, kerberos: "Kerberos", name: str) -> None:
        done = self.asks(kerberos.ticket(name), "HTTP/localhost@EXAMPLE.TEST")
        assert "kvno = 1" in done.stdout

    def test_nobody_gets_none(self, kerberos: "Kerberos") -> None:
        assert self.asks(kerberos.no_ticket(), "HTTP/localhost@EXAMPLE.TEST").returncode != 0
        with pytest.raises(ServerError, match="not found in Kerberos database"):
            kerberos.ticket("nobody")

    def test_more_people_and_services(self, kerberos: "Kerberos") -> None:
        kerberos.add("noor", "HTTP/new.example")
        assert self.asks(kerberos.ticket("noor"), "HTTP/new.example").returncode == 0
        assert kerberos.keytab("HTTP/new.example").stat().st_size > 0
        with pytest.raises(ServerError, match="does not exist"):
            kerberos.keytab("HTTP/nowhere.example")

    def test_it_leaves_nothing(self) -> None:
        from tests.servers.kerberos import Kerberos

        with Kerberos(["alice"]) as server:
            port, folder = server.port, server.directory
        assert not folder.exists()
        assert not is_open(port)


@pytest.mark.postgresql
class TestPostgreSQL:
    def test_a_database_comes_and_goes(self, postgresql: "PostgreSQL") -> None:
        engine = create_engine(postgresql.create_database("a-database"))
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT lower('ÄÖŁ')")) == "äöł"
            postgresql.drop_database("a-database")
            connection.invalidate()
        engine.dispose()
        with pytest.raises(Exception, match="does not exist"):
            create_engine(postgresql.url("a-database")).connect()

    def test_databases_outlast_a_restart(self, postgresql: "PostgreSQL") -> None:
        url = postgresql.create_database("lasting")
        postgresql.stop()
        postgresql.start()
        engine = create_engine(url)
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT current_database()")) == "lasting"
        engine.dispose()
        postgresql.drop_database("lasting")


def hello(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    page = f"<title>Hello</title><h1>Hello from {environ['PATH_INFO']}</h1>".encode()
    headers = [("Content-Type", "text/html"), ("Content-Length", str(len(page)))]
    start_response("200 OK", headers)
    return [page]


def test_an_app_is_served_and_its_port_is_free_again() -> None:
    threads = threading.active_count()
    with serve(hello) as url:
        # A browser opens connections in advance; they must not hold up the end.
        idle = socket.create_connection(("127.0.0.1", urlsplit(url).port or 0), 5)
        with urllib.request.urlopen(f"{url}/here") as response:
            assert b"Hello from /here" in response.read()
    assert idle.recv(1) == b""
    idle.close()
    assert threading.active_count() == threads
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(url)


@pytest.mark.browser
def test_the_browser_shows_a_page(browser: "Browser") -> None:
    with serve(hello) as url, browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{url}/there")
        assert page.get_by_role("heading").inner_text() == "Hello from /there"


def test_ports_are_free() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", free_port()))


def test_a_missing_server_skips_and_in_ci_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    fixtures.need(None)
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="apt-get install slapd"):
        fixtures.need("slapd")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="apt-get install slapd"):
        fixtures.need("slapd")
    with pytest.raises(pytest.fail.Exception, match="needs root"):
        fixtures.miss("it needs root")
