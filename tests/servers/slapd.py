"""A private OpenLDAP server on 127.0.0.1, for any user (Debian: slapd and ldap-utils)."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from tests.servers.process import (
    Server,
    ServerError,
    end,
    find_program,
    free_port,
    wait_until_ready,
)
from tests.servers.slapd_conf import (
    ADMIN_DN,
    ADMIN_PASSWORD,
    BASE_DN,
    SERVICE_DN,
    SERVICE_PASSWORD,
    configuration,
)
from tests.servers.tls import Certificates, make_certificates

NORTHWIND = Path(__file__).parent.parent / "data" / "northwind.ldif"


class Slapd(Server):
    """slapd with ldap, ldaps and ldapi, its own CA; overlays memberof, ppolicy and syncprov.

    Anonymous reads nothing but the root DSE; the service account reads all but userPassword, and
    is also whom SASL EXTERNAL over ldapi stands for; people may bind and read themselves. Who has
    a password policy names it by pwdPolicySubentry.

    ldif          read by `slapadd` before the first start (memberOf is not filled by that: only
                  by `add` and `modify`)
    size_limit    entries per search; paging does not get round it
    schema_lines  lines of slapd.conf, such as slapd_conf.TIME_ZONE_SCHEMA
    access        lines of slapd.conf that say who reads what, before the one that says the rest
    tls           without it there is neither ldaps nor StartTLS
    """

    base_dn = BASE_DN
    admin_dn = ADMIN_DN
    admin_password = ADMIN_PASSWORD
    service_dn = SERVICE_DN
    service_password = SERVICE_PASSWORD

    def __init__(
        self,
        ldif: Path | None = None,
        *,
        size_limit: int | None = None,
        schema_lines: Sequence[str] = (),
        access: Sequence[str] = (),
        tls: bool = True,
    ) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="slapd-"))
        self.port = free_port()
        self.ldaps_port = free_port()
        self._ldif = ldif
        self._log = self.directory / "log"
        self._process: subprocess.Popen[bytes] | None = None
        self._certificates = make_certificates(self.directory / "tls") if tls else None
        self._configuration = self.directory / "slapd.conf"
        self._configuration.write_text(
            configuration(self.directory, self._certificates, size_limit, schema_lines, access)
        )
        self._fill()

    @property
    def uri(self) -> str:
        return f"ldap://localhost:{self.port}"

    @property
    def ldaps_uri(self) -> str:
        return f"ldaps://localhost:{self.ldaps_port}"

    @property
    def ldapi_uri(self) -> str:
        return f"ldapi://{quote(str(self.directory / 'ldapi'), safe='')}"

    @property
    def ca_file(self) -> Path:
        return self._tls.ca_file

    @property
    def pid(self) -> int:
        return self._running.pid

    def start(self) -> None:
        """Starts, or starts again on the same ports with the same entries; ready on return."""
        urls = [f"ldap://127.0.0.1:{self.port}", self.ldapi_uri]
        if self._certificates:
            urls.append(f"ldaps://127.0.0.1:{self.ldaps_port}")
        where = ["-h", " ".join(urls), "-f", str(self._configuration)]
        command = [str(_program("slapd")), *where, "-d", "0"]  # -d keeps it in the foreground
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        wait_until_ready(self._process, self._answers, self._log)

    def stop(self) -> None:
        """Ends in good order; the entries stay for the next start."""
        if self._process and self._process.poll() is None:
            self.resume()  # a stopped process does not hear SIGTERM
            end(self._process, signal.SIGTERM)
        self._process = None

    def kill(self) -> None:
        """Ends at once, as a crash or a power cut would."""
        self._running.kill()
        self._running.wait()
        self._process = None

    def pause(self) -> None:
        """Connections are still accepted by the kernel, and nothing answers."""
        self._running.send_signal(signal.SIGSTOP)
        # The signal is sent; here one of the threads may still be answering.
        os.waitpid(self._running.pid, os.WUNTRACED)

    def resume(self) -> None:
        self._running.send_signal(signal.SIGCONT)

    def restore(self) -> None:
        """Brings back the first entries; an entryUUID that the LDIF does not say is a new one."""
        self.stop()
        shutil.rmtree(self.directory / "db")
        self._fill()
        self.start()

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def add(self, ldif_text: str, *, relax: bool = False) -> None:
        """Adds entries. `relax` lets the LDIF say entryUUID and other operational attributes."""
        self._as_admin("ldapadd", *(["-e", "relax"] if relax else []), ldif=ldif_text)

    def modify(self, ldif_text: str) -> None:
        """Applies change records: changetype modify, modrdn, delete, add."""
        self._as_admin("ldapmodify", ldif=ldif_text)

    def delete(self, dn: str) -> None:
        self._as_admin("ldapdelete", dn)

    def search_count(
        self, ldap_filter: str = "(objectClass=*)", base: str = BASE_DN, scope: str = "sub"
    ) -> int:
        """How many entries the administrator finds."""
        found = self._as_admin("ldapsearch", "-LLL", "-b", base, "-s", scope, ldap_filter, "1.1")
        return sum(line.startswith("dn:") for line in found.splitlines())

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        if not self._process:
            raise ServerError("slapd is not running")
        return self._process

    @property
    def _tls(self) -> Certificates:
        if not self._certificates:
            raise ServerError("this slapd has no TLS")
        return self._certificates

    def _fill(self) -> None:
        (self.directory / "db").mkdir()
        if not self._ldif:
            return
        try:
            _run([_program("slapadd"), "-q", "-f", self._configuration, "-l", self._ldif])
        except ServerError:
            self.close()
            raise

    def _answers(self) -> bool:
        question = [str(_program("ldapsearch")), "-x", "-H", self._tool_uri, "-b", "", "-s", "base"]
        answer = subprocess.run(question, capture_output=True, env=_environment(), check=False)
        return answer.returncode == 0

    def _as_admin(self, program: str, *arguments: str, ldif: str | None = None) -> str:
        who = ["-x", "-H", self._tool_uri, "-D", ADMIN_DN, "-w", ADMIN_PASSWORD]
        return _run([_program(program), *who, *arguments], ldif)

    @property
    def _tool_uri(self) -> str:
        return f"ldap://127.0.0.1:{self.port}"


def missing_package() -> str | None:
    """The Debian package that has to be installed first, if any."""
    programs = {"slapd": "slapd", "ldapsearch": "ldap-utils", "openssl": "openssl"}
    return next((package for name, package in programs.items() if not find_program([name])), None)


def _program(name: str) -> Path:
    found = find_program([name])
    if not found:
        raise ServerError(f"{name} is not installed")
    return found


def _environment() -> dict[str, str]:
    return {**os.environ, "LDAPNOINIT": "1"}  # nobody's ldaprc has a say


def _run(command: Sequence[str | Path], given: str | None = None) -> str:
    """The output of a command; its error, with all it printed, as a ServerError."""
    done = subprocess.run(
        command, input=given, text=True, capture_output=True, env=_environment(), check=False
    )
    if done.returncode != 0:
        name = Path(command[0]).name
        raise ServerError(f"{name} ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout
