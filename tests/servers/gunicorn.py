"""The stand-alone app in gunicorn, with several workers, on a free port of 127.0.0.1."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.servers.process import answers, end, free_port, wait_until_ready

ROOT = Path(__file__).parents[2]


class Gunicorn:
    """`environment` is what an operator would set."""

    def __init__(self, environment: Mapping[str, str], workers: int = 2) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="gunicorn-"))
        self.port = free_port()
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("PEOPLE_")}
        self._environment = inherited | {"SECRET_KEY": "tests"} | dict(environment)
        self._workers = workers
        self._log = self.directory / "log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{self.port}"]
        command += ["--workers", str(self._workers), "--worker-tmp-dir", str(self.directory)]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [*command, "wsgi:app"], cwd=ROOT, env=self._environment, stdout=log, stderr=log
            )
        wait_until_ready(self._process, lambda: answers(self.port), self._log)
        return self

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._process:
            end(self._process, signal.SIGTERM)
        shutil.rmtree(self.directory)
