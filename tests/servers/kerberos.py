"""A private MIT KDC on 127.0.0.1, for any user (Debian: krb5-kdc, krb5-admin-server, krb5-user).

Two realms that trust each other: EXAMPLE.TEST with the people of the company, and OTHER.TEST.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from tests.servers.process import Server, ServerError, find_program, free_port, serving

REALM = "EXAMPLE.TEST"
OTHER_REALM = "OTHER.TEST"
PEOPLE = ("alice", "bob", "dana", "kenji", "stranger")
SERVICES = ("HTTP/localhost", "HTTP/people.example", "HTTP/other.example", "ldap/localhost")
_TRUST = (f"krbtgt/{REALM}@{OTHER_REALM}", f"krbtgt/{OTHER_REALM}@{REALM}")

# TCP alone: a datagram may be lost on a busy machine, and the client waits a second for it.
_KRB5 = """\
[libdefaults]
    default_realm = {realm}
    dns_lookup_kdc = false
    dns_lookup_realm = false
    dns_canonicalize_hostname = false
    rdns = false
    udp_preference_limit = 1
    clockskew = {clock_skew}
[realms]
    {realm} = {{
        kdc = 127.0.0.1:{port}
    }}
    {other} = {{
        kdc = 127.0.0.1:{port}
    }}
[domain_realm]
    localhost = {realm}
"""
_KDC = """\
[kdcdefaults]
    kdc_listen = 127.0.0.1:{port}
    kdc_tcp_listen = 127.0.0.1:{port}
[realms]
{realms}
[logging]
    kdc = FILE:{directory}/kdc.log
"""
_KDC_REALM = """\
    {realm} = {{
        database_name = {directory}/{realm}.principals
        key_stash_file = {directory}/{realm}.stash
        acl_file = {directory}/none.acl
    }}"""


class Kerberos(Server):
    """A KDC; each of `people` has the password "NAME-password" in both realms.

    The stranger is nobody of the company. The services of REALM are SERVICES; a client has to say
    http://localhost, as 127.0.0.1 is none of them.
    """

    realm = REALM
    other_realm = OTHER_REALM

    def __init__(self, people: Iterable[str] = PEOPLE) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="kerberos-"))
        self.port = free_port()
        self._running = ExitStack()
        self._tickets = 0
        self.krb5_config = self.configuration("krb5.conf")
        self._write_kdc_configuration()
        try:
            self._fill(people)
        except BaseException:
            self.close()
            raise

    @property
    def environment(self) -> dict[str, str]:
        """Of a machine in the realm: for the clients, and for the server that takes tickets.

        The server remembers in the last one which tickets it has seen, for all its processes.
        """
        return {
            "KRB5_CONFIG": str(self.krb5_config),
            "KRB5RCACHENAME": f"file2:{self.directory / 'seen'}",
        }

    def configuration(self, name: str, clock_skew: int = 300) -> Path:
        """A krb5.conf under that name, for clocks that differ by so many seconds."""
        path = self.directory / name
        names = {"realm": REALM, "other": OTHER_REALM, "port": self.port}
        path.write_text(_KRB5.format(**names, clock_skew=clock_skew))
        return path

    def ticket(self, name: str, *, seconds: int = 3600) -> dict[str, str]:
        """What the environment of a client of that person has: signed in for so long.

        `name` may say the realm: alice@OTHER.TEST.
        """
        self._tickets += 1
        cache = f"FILE:{self.directory / f'tickets-{self._tickets}'}"
        password = f"{name.partition('@')[0]}-password\n"
        self._run("kinit", "-l", f"{seconds}s", "-c", cache, name, given=password)
        return {**self.environment, "KRB5CCNAME": cache}

    def no_ticket(self) -> dict[str, str]:
        """The same for somebody who is not signed in."""
        return {**self.environment, "KRB5CCNAME": f"FILE:{self.directory / 'no-tickets'}"}

    def keytab(self, *services: str) -> Path:
        """A new file with the keys of these, as HTTP/localhost; who has it can read alone."""
        path = Path(tempfile.mkdtemp(dir=self.directory)) / "keytab"
        self._administer(REALM, [f"ktadd -k {path} -norandkey {' '.join(services)}"])
        return path

    def add(self, *principals: str, realm: str = REALM) -> None:
        """People with their password, or services (which have a slash) with a random key."""
        commands = [
            f"addprinc -randkey {p}" if "/" in p else f"addprinc -pw {p}-password {p}"
            for p in principals
        ]
        self._administer(realm, commands)

    def start(self) -> None:
        realms = ("-r", REALM, "-r", OTHER_REALM)
        command: list[str | Path] = [_program("krb5kdc"), "-n", *realms]
        log = self.directory / "log"
        self._running.enter_context(serving(command, self.port, log, env=self._environment))

    def close(self) -> None:
        self._running.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    @property
    def _environment(self) -> dict[str, str]:
        ours = {"KRB5_KDC_PROFILE": str(self.directory / "kdc.conf")}
        return {**os.environ, **self.environment, **ours}

    def _write_kdc_configuration(self) -> None:
        realms = "\n".join(
            _KDC_REALM.format(realm=realm, directory=self.directory)
            for realm in (REALM, OTHER_REALM)
        )
        text = _KDC.format(port=self.port, directory=self.directory, realms=realms)
        (self.directory / "kdc.conf").write_text(text)

    def _fill(self, people: Iterable[str]) -> None:
        people = tuple(people)
        trust = [f"addprinc -pw trust {principal}" for principal in _TRUST]
        for realm in (REALM, OTHER_REALM):
            self._run("kdb5_util", "create", "-s", "-r", realm, "-P", "master-password")
            self._administer(realm, trust)
            self.add(*people, realm=realm)
        self.add(*SERVICES)

    def _administer(self, realm: str, commands: Iterable[str]) -> None:
        """kadmin.local ends well whatever happened: its errors alone say so."""
        said = self._run("kadmin.local", "-r", realm, given="".join(f"{c}\n" for c in commands))
        if "while" in said or "does not exist" in said:
            raise ServerError(said)

    def _run(self, program: str, *arguments: str, given: str = "") -> str:
        """The output of a command, errors too; where it fails, all of it as a ServerError."""
        done = subprocess.run(
            [_program(program), *arguments],
            input=given,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self._environment,
            check=False,
        )
        if done.returncode != 0:
            raise ServerError(f"{program} ended with {done.returncode}\n{done.stdout}")
        return done.stdout


def missing_package() -> str | None:
    """The Debian package that has to be installed first, if any."""
    programs = {
        "krb5kdc": "krb5-kdc",
        "kdb5_util": "krb5-kdc",
        "kadmin.local": "krb5-admin-server",
        "kinit": "krb5-user",
    }
    return next((package for name, package in programs.items() if not find_program([name])), None)


def _program(name: str) -> Path:
    found = find_program([name])
    if not found:
        raise ServerError(f"{name} is not installed")
    return found
