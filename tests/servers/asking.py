"""What an LDAP server answers: to ldapsearch, and to an anonymous bind."""

import socket
import subprocess
from typing import TYPE_CHECKING

from tests.servers.slapd import Slapd

if TYPE_CHECKING:
    from tests.servers.samba import Samba


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
