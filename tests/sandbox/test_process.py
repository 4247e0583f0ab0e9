"""Whatever a child does, its parent goes on."""

from __future__ import annotations

import os
import signal
import struct
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic, sleep

import pytest

from intranet_people.sandbox import process
from intranet_people.sandbox.messages import MOST
from intranet_people.sandbox.process import Child, Crashed, Limits, NotStarted, OutOfMemory, TooLate

pytestmark = pytest.mark.process

STAND_IN = "tests.sandbox.stand_in"
LENGTH = struct.Struct("!i")
"""What comes before each message of a Connection."""


@pytest.fixture
def child() -> Iterator[Child]:
    """One that does as it is told, for half a second at most."""
    with Child(STAND_IN, Limits(seconds=0.5, megabytes=256)) as child:
        yield child


@pytest.fixture
def started(tmp_path: Path) -> str:
    """The file by which a child that hangs says that it does."""
    return str(tmp_path / "started")


def echoes(child: Child, body: bytes = b"Hello") -> bool:
    return child.ask({"do": "echo"}, body) == ({"do": "echo"}, body)


def is_running(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text()[:40]
    except FileNotFoundError:
        return False


def test_one_process_for_many_requests(child: Child) -> None:
    assert child.pid is None
    assert echoes(child)
    pid = child.pid
    assert echoes(child, b"")
    assert echoes(child, os.urandom(10_000_000))
    assert child.pid == pid


def test_one_that_hangs_is_killed_in_time(child: Child, started: str) -> None:
    assert echoes(child)
    began = monotonic()
    with pytest.raises(TooLate, match=r"^took longer than 0\.5 s$"):
        child.ask({"do": "hang", "started": started}, b"")
    assert 0.4 < monotonic() - began < 1.5
    assert echoes(child)


def test_one_that_wants_more_memory_is_stopped(child: Child) -> None:
    with pytest.raises(OutOfMemory, match=r"^needed more than 256 MB$"):
        child.ask({"do": "hog"}, b"")
    assert echoes(child)


def test_one_that_crashes(child: Child) -> None:
    with pytest.raises(Crashed, match=r"exit code -11"):
        child.ask({"do": "crash"}, b"")
    assert echoes(child)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\0",
        LENGTH.pack(2**31 - 1),
        LENGTH.pack(-2),
        LENGTH.pack(-1) + struct.pack("!Q", 2**63),
        LENGTH.pack(MOST + 1) + b"{}",
        LENGTH.pack(2) + b"{}" + LENGTH.pack(MOST + 1),
        LENGTH.pack(2) + b"{}" + LENGTH.pack(100) + b"cut off",
        LENGTH.pack(2) + b"{}",
        LENGTH.pack(2) + b"[]" + LENGTH.pack(0),
        LENGTH.pack(1) + b"{" + LENGTH.pack(0),
        LENGTH.pack(2) + b"\xff\xfe" + LENGTH.pack(0),
        LENGTH.pack(100_000) + b"[" * 100_000,
    ],
)
def test_one_that_answers_nonsense(child: Child, answer: bytes) -> None:
    with pytest.raises(Crashed):
        child.ask({"do": "say"}, answer)
    assert echoes(child)


def test_one_that_answers_byte_by_byte_is_killed_in_time(child: Child) -> None:
    assert echoes(child)
    began = monotonic()
    with pytest.raises(TooLate):
        child.ask({"do": "trickle"}, LENGTH.pack(2) + b"{}" + LENGTH.pack(100) + bytes(100))
    assert monotonic() - began < 1.5
    assert echoes(child)


def test_one_that_does_not_listen_is_killed_in_time(child: Child) -> None:
    child.ask({"do": "be deaf"}, b"")
    began = monotonic()
    with pytest.raises(TooLate):
        echoes(child, bytes(10_000_000))
    assert monotonic() - began < 1.5
    assert echoes(child)


def test_one_that_is_killed_between_two_requests_is_replaced(child: Child) -> None:
    assert echoes(child)
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert echoes(child)


def test_an_interrupted_request_leaves_no_answer_for_the_next(
    child: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer still in the pipe would show one person's meetings or face as another's."""

    def interrupt(*arguments: object) -> None:
        raise KeyboardInterrupt

    assert echoes(child)
    with monkeypatch.context() as patch:
        patch.setattr(process, "receive", interrupt)
        with pytest.raises(KeyboardInterrupt):
            echoes(child)
    assert echoes(child, b"the next")


def test_one_that_cannot_start(monkeypatch: pytest.MonkeyPatch) -> None:
    with Child("no.such.module", Limits(1, 256)) as child, pytest.raises(NotStarted, match="did"):
        echoes(child)
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    with Child(STAND_IN, Limits(1, 256)) as child, pytest.raises(NotStarted, match="no child"):
        echoes(child)


def test_none_is_left_behind() -> None:
    pids = []
    with Child(STAND_IN, Limits(1, 256)) as child:
        assert echoes(child)
        pids.append(child.pid)
    forgotten = Child(STAND_IN, Limits(1, 256))
    assert echoes(forgotten)
    pids.append(forgotten.pid)
    del forgotten
    assert [pid for pid in pids if pid is None or is_running(pid)] == []


def test_a_parent_that_is_killed_leaves_none_behind(started: str) -> None:
    """The child is deep in a request: only its own alarm can end it."""
    program = (
        "import sys; sys.path[:] = sys.argv[2:]\n"
        "from intranet_people.sandbox.process import Child, Limits\n"
        "child = Child('tests.sandbox.stand_in', Limits(0.2, 256))\n"
        "child.ask({'do': 'echo'}, b'')\n"
        "print(child.pid, flush=True)\n"
        "child.limits = Limits(60, 256)\n"
        "child.ask({'do': 'hang', 'started': sys.argv[1]}, b'')\n"
    )
    command = [sys.executable, "-c", program, started, str(Path(__file__).parents[2]), *sys.path]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        until = monotonic() + 10
        while not Path(started).exists():
            assert monotonic() < until
            sleep(0.02)
        parent.kill()
    until = monotonic() + 5
    while is_running(pid):
        assert monotonic() < until
        sleep(0.02)


def test_a_forked_process_has_a_child_of_its_own() -> None:
    program = (
        "import os, sys; sys.path[:] = sys.argv[1:]\n"
        "from intranet_people.sandbox.process import Child, Limits\n"
        "child = Child('tests.sandbox.stand_in', Limits(5, 256))\n"
        "answer = child.ask({'do': 'echo'}, b'')\n"
        "before = child.pid\n"
        "if forked := os.fork():\n"
        "    assert os.waitpid(forked, 0)[1] == 0\n"
        "assert child.ask({'do': 'echo'}, b'') == answer\n"
        "assert (child.pid == before) == bool(forked)\n"
    )
    command = [sys.executable, "-c", program, str(Path(__file__).parents[2]), *sys.path]
    subprocess.run(command, check=True)


def test_threads_take_turns(child: Child) -> None:
    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(lambda n: echoes(child, bytes([n]) * 100_000), range(100)))


def test_it_leaves_flask_and_passwords_to_its_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PEOPLE_LDAP_PASSWORD", "hunter2")
    with Child(STAND_IN, Limits(1, 256, nice=7)) as child:
        seen, _ = child.ask({"do": "look"}, b"")
    assert (seen["flask"], seen["sqlalchemy"]) == (False, False)
    assert "PEOPLE_LDAP_PASSWORD" not in seen["variables"]
    assert seen["nice"] == min(os.nice(0) + 7, 19)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="this system has no /proc")
def test_no_file_descriptor_is_left_open(started: str) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    with Child(STAND_IN, Limits(0.05, 256)) as child:
        for _ in range(3):
            assert echoes(child)
            with pytest.raises(TooLate):
                child.ask({"do": "hang", "started": started}, b"")
    assert len(list(Path("/proc/self/fd").iterdir())) == before
