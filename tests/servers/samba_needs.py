"""What Samba needs of this machine: its packages, root, and an address of its own."""

import os
import random
import socket
from pathlib import Path

from tests.servers.process import ServerError, find_program

PORTS = (88, 389, 464, 636, 3268, 3269)
SETUP = Path("/usr/share/samba/setup/ad-schema")


def missing_package() -> str | None:
    """The Debian package that has to be installed first, if any."""
    programs = {
        "samba": "samba-ad-dc",
        "samba-tool": "samba-ad-dc",
        "ldbsearch": "ldb-tools",
        "ldapadd": "ldap-utils",
        "openssl": "openssl",
    }
    missing = (package for name, package in programs.items() if not find_program([name]))
    return next(missing, None if SETUP.is_dir() else "samba-ad-provision")


def obstacle() -> str | None:
    """Why it cannot start here, though it is installed."""
    if os.getuid() != 0:
        return "Samba as a domain controller needs root"
    try:
        free_address()
    except ServerError as e:
        return str(e)
    return None


def free_address() -> str:
    """A loopback address on which nobody holds one of the domain controller's ports.

    Raises ServerError where one of them is held on all addresses at once.
    """
    for _ in range(20):
        address = ".".join(["127", *(str(random.randint(1, 254)) for _ in range(3))])
        if all(_is_free(address, port) for port in PORTS):
            return address
    raise ServerError(f"one of the ports {PORTS} is taken on every address")


def _is_free(address: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True
