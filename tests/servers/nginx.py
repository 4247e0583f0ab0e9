"""nginx in front of a server on 127.0.0.1, for any user (Debian: nginx-light)."""

import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.servers.process import (
    ServerError,
    answers,
    end,
    find_program,
    free_port,
    wait_until_ready,
)

FROM = "127.0.0.2"
"""Where its own connections come from, to be told from everybody else's."""


def missing_package() -> str | None:
    return None if find_program(["nginx"]) else "nginx-light"


class Nginx:
    """Asks for one of `passwords`, by name, and tells `upstream` who it is in X-Remote-User."""

    def __init__(self, upstream: str, passwords: Mapping[str, str]) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="nginx-"))
        self.port = free_port()
        self._upstream = upstream
        self._log = self.directory / "log"
        self._process: subprocess.Popen[bytes] | None = None
        users = "".join(f"{name}:{{PLAIN}}{word}\n" for name, word in passwords.items())
        (self.directory / "users").write_text(users)
        (self.directory / "nginx.conf").write_text(self._configuration())

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _configuration(self) -> str:
        places = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        temporary = "\n".join(f"{p}_temp_path {self.directory / p};" for p in places)
        return f"""\
daemon off;
master_process off;
pid {self.directory / "pid"};
error_log {self._log};
events {{ worker_connections 64; }}
http {{
    access_log off;
    {temporary}
    server {{
        listen 127.0.0.1:{self.port};
        location / {{
            auth_basic "Northwind";
            auth_basic_user_file {self.directory / "users"};
            proxy_pass {self._upstream};
            proxy_bind {FROM};
            proxy_set_header Host $host:$server_port;
            proxy_set_header X-Remote-User $remote_user;
            proxy_set_header X-Forwarded-Proto $scheme;
        }}
    }}
}}
"""

    def __enter__(self) -> Self:
        program = find_program(["nginx"])
        if program is None:
            raise ServerError("nginx is not installed")
        self._log.touch()
        configuration = self.directory / "nginx.conf"
        command = [
            str(p) for p in (program, "-p", self.directory, "-e", self._log, "-c", configuration)
        ]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        wait_until_ready(self._process, lambda: answers(self.port), self._log)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._process:
            end(self._process, signal.SIGTERM)
        shutil.rmtree(self.directory)
