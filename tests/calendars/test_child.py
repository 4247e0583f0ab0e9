"""Hostile calendars cost their own reading, and no one else's."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep

import pytest

from intranet_people.calendars import child as child_module
from intranet_people.calendars.child import Expander
from intranet_people.calendars.ics import expand
from intranet_people.calendars.source import CalendarError, CalendarMissing, Reading

from .conftest import END, GOOD, HOSTILE, START, Read, at_ten, calendar, event

pytestmark = pytest.mark.process

CORPUS = Path(__file__).parents[2].parent / "shared/corpora/calendars"


def outcome(expander: Expander, data: bytes) -> str:
    """How the reading ends: "read", or a CalendarError's words. Nothing else may come."""
    try:
        reading = expander.expand(data, datetime(2000, 1, 1, tzinfo=UTC), END)
    except CalendarError as error:
        return "missing" if isinstance(error, CalendarMissing) else str(error)
    return "read" if isinstance(reading, Reading) else "nonsense"


def pid_of(expander: Expander) -> int:
    assert expander._child is not None
    return expander._child.process.pid


def test_the_child_answers_what_expand_does(read: Read) -> None:
    data = calendar(
        at_ten("ATTENDEE;CN=Jörg:mailto:joerg@corp.example", "ORGANIZER;CN=Alice:urn:x"),
        event("DTSTART;VALUE=DATE:20261123", uid="fair", title="Messe \U0001f600"),
        event(uid="broken"),
    )
    assert read(data) == expand(data, START, END)


def test_one_child_for_many_calendars(expander: Expander, read: Read) -> None:
    read(GOOD)
    pid = pid_of(expander)
    with pytest.raises(CalendarError, match="is no calendar"):
        read(b"<html>")
    assert len(read(GOOD).meetings) == 1
    assert pid_of(expander) == pid


def test_hostile_rule_is_killed_in_two_seconds_and_the_next_works(read: Read) -> None:
    read(GOOD)
    began = monotonic()
    with pytest.raises(CalendarError, match=r"^took longer than 2 s$"):
        read(calendar(HOSTILE))
    assert 1.9 < monotonic() - began < 3
    assert len(read(GOOD).meetings) == 1


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY;COUNT=999999999",
        "FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=31",
        "FREQ=SECONDLY;INTERVAL=1;BYSECOND=61",
        "FREQ=YEARLY;BYDAY=53MO;BYMONTH=2",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=WEEKLY;COUNT=99999999999999999999999999",
    ],
)
def test_other_hostile_rules_end_in_an_error_or_in_time(rule: str) -> None:
    data = calendar(event("DTSTART:19700101T000000Z", f"RRULE:{rule}"), at_ten(uid="bob"))
    with Expander(seconds=0.5) as expander:
        assert outcome(expander, data) in {"read", "took longer than 0.5 s"}
        assert len(expander.expand(GOOD, START, END).meetings) == 1


def test_memory_hog_is_stopped_and_the_next_works() -> None:
    hog = calendar(event("DTSTART:20000101T000000Z", "RRULE:FREQ=SECONDLY"))
    with Expander(seconds=20, megabytes=96) as expander:
        with pytest.raises(CalendarError, match=r"^needed more than 96 MB$"):
            expander.expand(hog, START, END)
        assert len(expander.expand(GOOD, START, END).meetings) == 1


def test_eleven_megabytes_are_refused_unread(expander: Expander) -> None:
    with pytest.raises(CalendarError, match="larger than 10 MB"):
        expander.expand(b"x" * 11_000_000, START, END)


def test_child_killed_between_two_calendars_is_replaced(expander: Expander, read: Read) -> None:
    read(GOOD)
    os.kill(pid_of(expander), signal.SIGKILL)
    os.waitid(os.P_PID, pid_of(expander), os.WEXITED | os.WNOWAIT)
    assert len(read(GOOD).meetings) == 1


def test_interrupted_reading_leaves_no_answer_for_the_next(
    expander: Expander, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer still in the pipe would show one person's meetings as another's."""

    def interrupt(*args: object) -> bytes:
        raise KeyboardInterrupt

    read(GOOD)
    with monkeypatch.context() as patch:
        patch.setattr(child_module, "read_frame", interrupt)
        with pytest.raises(KeyboardInterrupt):
            read(GOOD)
    assert [meeting.uid for meeting in read(calendar(at_ten(uid="bob"))).meetings] == ["bob"]


def test_child_that_cannot_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    with Expander() as expander, pytest.raises(CalendarError, match="no child process"):
        expander.expand(GOOD, START, END)
    monkeypatch.undo()
    monkeypatch.setattr(child_module, "_PROGRAM", "import no_such_module")
    with Expander() as expander, pytest.raises(CalendarError, match="did not start"):
        expander.expand(GOOD, START, END)


def test_close_reaps_the_child() -> None:
    with Expander() as expander:
        expander.expand(GOOD, START, END)
        pid = pid_of(expander)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    expander = Expander()
    expander.expand(GOOD, START, END)
    pid = pid_of(expander)
    del expander
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_child_leaves_flask_and_passwords_to_its_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PEOPLE_LDAP_PASSWORD", "hunter2")
    seen = "import sys, os; print('flask' in sys.modules, 'PEOPLE_LDAP_PASSWORD' in os.environ)"
    program = child_module._PROGRAM.replace("main(*sys.argv[3:])", seen)
    monkeypatch.setattr(child_module, "_PROGRAM", program)
    started = child_module._Child(2, 512)
    assert started.process.stdout is not None
    assert started.process.stdout.read() == b"False False\n"
    started.end()


def test_parent_that_is_killed_leaves_no_child_behind() -> None:
    """The child is deep in a hostile calendar: only its own alarm can end it."""
    program = (
        "import sys; sys.path[:] = sys.argv[1:]\n"
        "from tests.calendars.conftest import *\n"
        "expander = Expander(seconds=0.2)\n"
        "expander.expand(GOOD, START, END)\n"
        "print(expander._child.process.pid, flush=True)\n"
        "expander.seconds = 60\n"
        "expander.expand(calendar(HOSTILE), START, END)\n"
    )
    command = [sys.executable, "-c", program, str(Path(__file__).parents[2]), *sys.path]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        sleep(0.2)
        parent.kill()
    until = monotonic() + 5
    while Path(f"/proc/{pid}").exists() and "Z" not in Path(f"/proc/{pid}/stat").read_text()[:40]:
        assert monotonic() < until
        sleep(0.02)


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the public corpus of calendars is not here")
def test_every_calendar_of_the_corpus_is_read_or_refused(expander: Expander) -> None:
    files = sorted(CORPUS.rglob("*.ics"))
    assert len(files) > 150
    outcomes = [outcome(expander, file.read_bytes()) for file in files]
    known = {"read", "is no calendar", "was cut off", "took longer"}
    assert [text for text in outcomes if not text.startswith(tuple(known))] == []
    assert outcomes.count("read") > 100


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="this system has no /proc")
def test_no_file_descriptor_is_left_open() -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    with Expander(seconds=0.05) as expander:
        for data in (GOOD, calendar(HOSTILE)) * 3:
            outcome(expander, data)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
