"""A private Active Directory domain controller on a loopback address of its own, by Samba.

As root (Debian: samba-ad-dc, samba-ad-provision, ldb-tools, ldap-utils). Its ports are fixed (389,
636, 88), so it does not share 127.0.0.1 with anybody.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

from tests.servers.process import Server, ServerError, end, find_program, wait_until_ready
from tests.servers.samba_conf import (
    ADMIN_PASSWORD,
    ROOT_DN,
    SERVICE_PASSWORD,
    first_changes,
    kerberos,
    settings,
    with_passwords,
)
from tests.servers.samba_needs import free_address
from tests.servers.tls import make_certificates

NORTHWIND_AD = Path(__file__).parent.parent / "data" / "northwind-ad.ldif"


class Samba(Server):
    """The domain AD.TEST with the people of tests/data/northwind-ad.ldif; LDAPS and StartTLS.

    Plain LDAP takes no password, as with Microsoft's own servers that ask for signing.
    """

    realm = "AD.TEST"
    root_dn = ROOT_DN
    base_dn = f"OU=Northwind,{root_dn}"
    admin_dn = f"CN=Administrator,CN=Users,{root_dn}"
    admin_password = ADMIN_PASSWORD
    service_dn = f"CN=people,OU=Services,{root_dn}"
    service_password = SERVICE_PASSWORD

    def __init__(self) -> None:
        self.address = free_address()
        self.directory = Path(tempfile.mkdtemp(prefix="samba-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._log = self.directory / "log"
        self._certificates = make_certificates(
            self.directory / "tls", f"DNS:dc1.ad.test,DNS:localhost,IP:{self.address}"
        )
        self._write("krb5.conf", kerberos(self.address))
        self._configuration = self._write(
            "smb.conf",
            settings(self.directory, self.address, self._certificates),
        )
        (self.directory / "run").mkdir()
        try:
            self._provision()
            self._fill()
        except BaseException:
            self.close()
            raise

    @property
    def uri(self) -> str:
        return f"ldap://{self.address}"

    @property
    def ldaps_uri(self) -> str:
        return f"ldaps://{self.address}"

    @property
    def ca_file(self) -> Path:
        return self._certificates.ca_file

    @property
    def krb5_config(self) -> Path:
        """What KRB5_CONFIG has to name."""
        return self.directory / "krb5.conf"

    @property
    def pid(self) -> int:
        return self._running.pid

    def start(self) -> None:
        """Starts, or starts again on the same address with the same entries; ready on return."""
        where = ["--configfile", str(self._configuration), "--interactive", "--no-process-group"]
        # One process, so that it stops and pauses as a whole; it ends with its standard input.
        how = ["--model", "single", "--debug-stdout"]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [_program("samba"), *where, *how],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        wait_until_ready(self._process, self._answers, self._log)

    def stop(self) -> None:
        """Ends in good order; the entries stay for the next start."""
        if self._process and self._process.poll() is None:
            self.resume()  # a stopped process does not hear SIGTERM
            end(self._process, signal.SIGTERM)
        self._forget()

    def kill(self) -> None:
        """Ends at once, as a crash or a power cut would."""
        self._running.kill()
        self._running.wait()
        self._forget()

    def pause(self) -> None:
        """Connections are still accepted by the kernel, and nothing answers."""
        self._running.send_signal(signal.SIGSTOP)
        os.waitpid(self._running.pid, os.WUNTRACED)

    def resume(self) -> None:
        self._running.send_signal(signal.SIGCONT)

    def restore(self) -> None:
        """Brings back the first entries, with the ids and update numbers that they had."""
        self.stop()
        shutil.rmtree(self._state)
        shutil.copytree(self._filled, self._state)
        self.start()

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def add(self, ldif_text: str) -> None:
        """Adds entries; each user gets the password "SAMACCOUNTNAME-password"."""
        self._as_admin("ldapadd", ldif=with_passwords(ldif_text))

    def modify(self, ldif_text: str) -> None:
        """Applies change records: changetype modify, modrdn, delete, add."""
        self._as_admin("ldapmodify", ldif=ldif_text)

    def delete(self, dn: str) -> None:
        self._as_admin("ldapdelete", dn)

    def ask_the_database(self, ldap_filter: str, *attributes: str) -> str:
        """What Samba's own `ldbsearch` prints, past the LDAP server."""
        database = self._state / "private" / "sam.ldb"
        return self._run("ldbsearch", "-H", str(database), ldap_filter, *attributes)

    def export_keytab(self, name: str, principal: str = "") -> Path:
        """A keytab of that name with the keys of that account, or of a principal of one, by Samba's
        own tool.
        """
        keytab, principal = self.directory / f"{name}.keytab", principal or name
        keytab.unlink(missing_ok=True)
        where = (f"--configfile={self._configuration}", f"--principal={principal}")
        self._run("samba-tool", "domain", "exportkeytab", str(keytab), *where)
        return keytab

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        if not self._process:
            raise ServerError("Samba is not running")
        return self._process

    @property
    def _state(self) -> Path:
        return self.directory / "state"

    @property
    def _filled(self) -> Path:
        """A copy of what the domain held at first."""
        return self.directory / "filled"

    def _write(self, name: str, text: str) -> Path:
        (self.directory / name).write_text(text)
        return self.directory / name

    def _forget(self) -> None:
        if self._process and self._process.stdin:
            self._process.stdin.close()
        self._process = None

    def _provision(self) -> None:
        """A new domain, in three seconds."""
        for name in ("private", "state", "cache", "lock", "dns", "sysvol/scripts"):
            (self._state / name).mkdir(parents=True)
        who = ("--realm=AD.TEST", "--domain=ADTEST", "--host-name=dc1", "--server-role=dc")
        where = (f"--configfile={self._configuration}", f"--host-ip={self.address}")
        how = ("--dns-backend=NONE", f"--adminpass={self.admin_password}", "--quiet")
        self._run("samba-tool", "domain", "provision", *who, *where, *how)

    def _fill(self) -> None:
        self.start()
        self.modify(first_changes(self.address))
        self.add(NORTHWIND_AD.read_text())
        self.stop()
        # All but the sockets, which the next start makes.
        shutil.copytree(self._state, self._filled, ignore=shutil.ignore_patterns("ldapi"))

    def _answers(self) -> bool:
        question = ["-x", "-H", self.ldaps_uri, "-b", "", "-s", "base", "1.1"]
        with suppress(ServerError):
            return bool(self._run("ldapsearch", *question))
        return False

    def _as_admin(self, program: str, *arguments: str, ldif: str | None = None) -> str:
        who = ("-x", "-H", self.ldaps_uri, "-D", self.admin_dn, "-w", self.admin_password)
        return self._run(program, *who, *arguments, given=ldif)

    def _run(self, program: str, *arguments: str, given: str | None = None) -> str:
        """The output of a command; its error, with all it printed, as a ServerError."""
        done = subprocess.run(
            [_program(program), *arguments],
            input=given,
            text=True,
            capture_output=True,
            env={**os.environ, "LDAPTLS_CACERT": str(self.ca_file)},
            check=False,
        )
        if done.returncode != 0:
            raise ServerError(f"{program} ended with {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout


def _program(name: str) -> str:
    found = find_program([name])
    if not found:
        raise ServerError(f"{name} is not installed")
    return str(found)
