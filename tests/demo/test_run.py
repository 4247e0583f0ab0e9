"""`flask people demo` as a process: what `make demo` runs."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

pytestmark = pytest.mark.process

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def demo(folder: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "flask", "--app", "intranet_people.demo", "people", "demo"]
    # What an operator has set for a real directory is of no concern to the demo.
    env = os.environ | {"PEOPLE_LDAP_URI": "ldap://nowhere.invalid"}
    process = subprocess.Popen(
        [*command, "--port", str(port), "--folder", str(folder)],
        cwd=ROOT,
        env=env,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        # A shell starts what runs in the background deaf to Ctrl-C, and tests with it.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def opening(process: subprocess.Popen[str]) -> list[str]:
    """What it says until it serves."""
    assert process.stdout
    lines = []
    for line in process.stdout:
        lines.append(line.rstrip())
        if "Ctrl-C" in line:
            return lines
    raise AssertionError("\n".join(lines))


def test_demo_says_who_can_sign_in_and_starts_again_in_a_moment(tmp_path: Path) -> None:
    port = free_port()
    with demo(tmp_path, port) as process:
        said = opening(process)
        assert f"Northwind Instruments is open: http://127.0.0.1:{port}" in said
        assert [s for s in said if s.startswith("sign in: ")] == [
            "sign in: tomas / tide-clock  (an employee)",
            "sign in: nour / tide-clock  (a newcomer)",
            "sign in: amina / tide-clock  (a leader)",
            "sign in: dana / tide-clock  (in a meeting just now)",
        ]
        page = urllib.request.urlopen(f"http://127.0.0.1:{port}/").read().decode()
        assert "Northwind Instruments" in page
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=10)
        assert "Traceback" not in rest
    began = time.monotonic()
    with demo(tmp_path, port) as process:
        assert any("120 unchanged" in line for line in opening(process))
        # Generous: it only has to be no second making of everything.
        assert time.monotonic() - began < 60


def test_port_that_is_taken(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with demo(tmp_path, taken.getsockname()[1]) as process:
            said, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "is taken" in said
    assert "make demo PORT=5001" in said
    assert not any(tmp_path.iterdir()), "said before anything was made"


def test_tables_of_an_older_checkout_are_put_aside(tmp_path: Path) -> None:
    folder, port = tmp_path / "demo", free_port()
    with demo(folder, port) as process:
        opening(process)
    with sqlite3.connect(folder / "people.db") as connection:
        connection.execute("DROP TABLE people_alembic_version")
    connection.close()
    with demo(folder, port) as process:
        said = opening(process)
    (old,) = tmp_path.glob("demo.*")
    assert said[0] == f"{folder} was of another version, and is now {old}: the demo starts again."
    assert any("120 joined" in line for line in said)
    with sqlite3.connect(old / "people.db") as connection:
        assert connection.execute("SELECT count(*) FROM people_person").fetchone() == (120,)
    connection.close()
