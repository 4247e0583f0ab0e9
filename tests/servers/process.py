"""What the servers have in common: programs, ports, places and the end of a process."""

import os
import random
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

READY_WITHIN = 120.0  # seconds, on a machine that is busy with much else
SYSTEM_PATHS = ("/usr/sbin", "/usr/local/sbin", "/usr/libexec")


class ServerError(RuntimeError):
    """A server did not start, or refused a command; the message carries its log."""


def find_program(names: Iterable[str], first: Iterable[Path] = ()) -> Path | None:
    """The first of `names` that exists, looked for in the folders `first` and then on PATH."""
    places = [*map(str, first), os.environ.get("PATH", os.defpath), *SYSTEM_PATHS]
    path = os.pathsep.join(places)
    return next((Path(found) for name in names if (found := shutil.which(name, path=path))), None)


def free_port() -> int:
    """A port that is free on 127.0.0.1, below those that the system hands out by itself.

    So a server that is stopped and started again finds its port still free.
    """
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port


def answers(port: int) -> bool:
    """Whether somebody listens there on 127.0.0.1."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until_ready(
    process: subprocess.Popen[bytes], answers: Callable[[], bool], log: Path
) -> None:
    """Returns when `answers()` is true; else ends the process and shows its log."""
    deadline = time.monotonic() + READY_WITHIN
    while process.poll() is None and time.monotonic() < deadline:
        if answers():
            return
        time.sleep(0.02)
    state = "did not answer in time" if process.poll() is None else f"ended: {process.returncode}"
    process.kill()
    process.wait()
    raise ServerError(f"{process.args!r} {state}\n{log.read_text(errors='replace')}")


@contextmanager
def serving(
    command: Sequence[str | Path], port: int, log: Path, **options: Any
) -> Iterator[subprocess.Popen[bytes]]:
    """A server for as long as the block lasts, from when it listens; it is ended by SIGTERM."""
    with log.open("ab") as file:
        process = subprocess.Popen([*map(str, command)], stdout=file, stderr=file, **options)
    wait_until_ready(process, lambda: answers(port), log)
    try:
        yield process
    finally:
        end(process, signal.SIGTERM)


def end(process: subprocess.Popen[bytes], signal_number: int) -> None:
    """Asks a child to end, and ends it if it does not within ten seconds."""
    process.send_signal(signal_number)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Server:
    """Started and closed by a `with` block; one that does not start leaves nothing behind."""

    def start(self) -> None:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
