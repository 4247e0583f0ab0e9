"""curl as a browser: it keeps its cookies, and follows wherever it is led (Debian: curl)."""

import os
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.servers.process import find_program


def missing_package() -> str | None:
    return None if find_program(["curl"]) else "curl"


@dataclass(frozen=True)
class Answer:
    """Of the last page that it was led to, and where that is."""

    status: int
    url: str
    text: str


class Curl:
    """One browser. `environment` is of the machine it runs on; it believes in `ca_file`."""

    def __init__(self, folder: Path, ca_file: Path, environment: Mapping[str, str] = {}) -> None:
        self._folder = Path(tempfile.mkdtemp(dir=folder))
        cookies = self._folder / "cookies"
        self._always = ["--silent", "--show-error", "--cacert", ca_file, "--max-time", "20"]
        self._always += ["--location", "--cookie", cookies, "--cookie-jar", cookies]
        # It would wait for a word before it sends a form, a second long.
        self._always += ["--header", "Expect:"]
        self._environment = {**os.environ, **environment}

    def get(self, url: str, *options: str, **headers: str) -> Answer:
        """The page. With --data among the options, what is sent is a form."""
        body = self._folder / "body"
        body.write_bytes(b"")
        sent = [option for h in headers.items() for option in ("--header", ": ".join(h))]
        more = [*options, *sent, "--output", body, "--write-out", "%{http_code} %{url_effective}"]
        command = ["curl", *map(str, self._always), *map(str, more), url]
        said = subprocess.run(command, env=self._environment, check=True, capture_output=True)
        status, _, where = said.stdout.decode().partition(" ")
        return Answer(int(status), where, body.read_text("utf-8", "replace"))
