"""The stand-alone app, or another, in gunicorn: two workers, on a free port of 127.0.0.1."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.servers.process import free_port, serving

from .. import SECRET_KEY

ROOT = Path(__file__).parents[2]


@contextmanager
def gunicorn(folder: Path, environment: Mapping[str, str], app: str = "wsgi:app") -> Iterator[str]:
    """Its URL; `environment` is what an operator would set; it writes to the file `log` there."""
    port = free_port()
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("PEOPLE_")}
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "2"]
    command += ["--worker-tmp-dir", str(folder), app]
    env = inherited | {"SECRET_KEY": SECRET_KEY} | dict(environment)
    with serving(command, port, folder / "log", cwd=ROOT, env=env):
        yield f"http://127.0.0.1:{port}"
