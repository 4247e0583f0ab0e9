"""Apache with TLS on 127.0.0.1, for any user (Debian: apache2-bin)."""

import os
import pwd
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from tests.servers.process import ServerError, find_program, free_port, serving
from tests.servers.tls import make_certificates

MODULES = Path("/usr/lib/apache2/modules")
PACKAGES = {
    name: f"libapache2-mod-{name.replace('_', '-')}"
    for name in ("auth_gssapi", "auth_openidc", "auth_mellon")
}
ALWAYS = ("mpm_event", "authn_core", "authz_core", "authz_user")
"""What Debian has switched on before anybody asks for more."""
FROM = "127.0.0.3"
"""Where its own connections come from, to be told from everybody else's."""


def missing_package(module: str) -> str | None:
    """Of that module, or of Apache itself."""
    if not find_program(["apache2"]):
        return "apache2-bin"
    return None if (MODULES / f"mod_{module}.so").is_file() else PACKAGES[module]


class Apache:
    """Its URL, and its folder: what a configuration names is put there before it is served."""

    def __init__(self) -> None:
        # Apache does not serve as root, so root lends it the folder and another user; TMPDIR may
        # be closed to that user, /tmp is not.
        self._identity = _other_user() if os.getuid() == 0 else {}
        place = "/tmp" if self._identity else None
        self.folder = Path(tempfile.mkdtemp(prefix="apache-", dir=place))
        self._port = free_port()
        self.url = f"https://localhost:{self._port}"
        self.ca_file = make_certificates(self.folder).ca_file
        self.log = self.folder / "log"

    @contextmanager
    def serving(
        self, configuration: str, modules: Iterable[str], environment: Mapping[str, str] = {}
    ) -> Iterator[None]:
        """While it runs with those words in its virtual host, and those modules."""
        program = find_program(["apache2"])
        if program is None:
            raise ServerError("apache2 is not installed")
        file = self.folder / "apache.conf"
        file.write_text(self._around((*ALWAYS, *modules), configuration))
        self.log.touch()
        self._lend()
        places = ("-d", self.folder, "-f", file, "-E", self.log)
        command: list[str | Path] = [program, "-D", "FOREGROUND", *places]
        env = {**os.environ, **environment}
        with serving(command, self._port, self.log, env=env, **self._identity):
            yield

    def close(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _around(self, modules: Iterable[str], configuration: str) -> str:
        load = "\n".join(f"LoadModule {m}_module {MODULES}/mod_{m}.so" for m in modules)
        return f"""\
{load}
Listen 127.0.0.1:{self._port}
ServerName {self.url}
DefaultRuntimeDir {self.folder}
PidFile {self.folder / "pid"}
ErrorLog {self.log}
Mutex file:{self.folder} default
StartServers 2
ServerLimit 2
ThreadsPerChild 8
MinSpareThreads 1
MaxSpareThreads 16
MaxRequestWorkers 16
SSLSessionCache none
<IfModule mod_auth_mellon.c>
    MellonLockFile {self.folder / "mellon.lock"}
</IfModule>
<VirtualHost *:{self._port}>
SSLEngine on
SSLCertificateFile {self.folder / "server.crt"}
SSLCertificateKeyFile {self.folder / "server.key"}
ProxySourceAddress {FROM}
{configuration}
</VirtualHost>
"""

    def _lend(self) -> None:
        if self._identity:
            for path in (self.folder, *self.folder.rglob("*")):
                os.chown(path, self._identity["user"], self._identity["group"])


def _other_user() -> dict[str, Any]:
    """The keywords of subprocess that run a program as somebody who is not root."""
    user = pwd.getpwnam("nobody")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
