"""Calendars from a real HTTP server on loopback, and from a folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import ClassVar

import pytest

from intranet_people.calendars.ics_source import IcsSource
from intranet_people.calendars.source import CalendarError, CalendarMissing, Owner
from intranet_people.calendars.worker import Expander

from .conftest import END, GOOD, START

ALICE = Owner("alice", "alice@corp.example")


HEADS = {
    "redirect": (302, "Location", "http://169.254.169.254/latest"),
    "long": (200, "Content-Length", "11000000"),
    "packed": (200, "Content-Encoding", "gzip"),
    "half": (200, "Content-Length", "100000"),
    "chunked": (200, "Transfer-Encoding", "chunked"),
    "garbled": (200, "Transfer-Encoding", "chunked"),
}
BODIES = {
    "endless": [b"x" * 1_000_000] * 12,
    "slow": [b"x"] * 50,
    "half": [GOOD[:-30]],
    "chunked": [b"%x\r\n%b\r\n" % (len(p), p) for p in (GOOD[:50], GOOD[50:], b"")],
    "garbled": [b"nonsense\r\n"],
}


class Handler(BaseHTTPRequestHandler):
    """Answers by the last piece of the path; remembers what it was asked."""

    asked: ClassVar[list[tuple[str, str, str]]] = []
    stopped: ClassVar[Event] = Event()

    def do_GET(self) -> None:
        headers = self.headers
        self.asked.append((self.path, headers["User-Agent"], headers.get("Authorization", "")))
        kind = self.path.partition("?")[0].rpartition("/")[2]
        if kind == "mute":
            self.stopped.wait(5)
        status, name, value = HEADS.get(kind, (200, "Connection", "close"))
        self._head(int(kind) if kind.isdecimal() else status, name, value)
        for piece in BODIES.get(kind, [GOOD] if status == 200 else []):
            with suppress(OSError):  # the reader may hang up
                self.wfile.write(piece)
            if kind == "slow":
                self.stopped.wait(0.05)

    def _head(self, status: int, name: str, value: str) -> None:
        self.send_response(status)
        self.send_header(name, value)
        self.end_headers()
        if "/silent" in self.path:
            self.stopped.wait(5)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """127.0.0.1:PORT of a calendar server."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    Handler.asked.clear()
    Handler.stopped.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        thread = Thread(target=httpd.serve_forever, args=(0.02,))
        thread.start()
        yield f"127.0.0.1:{httpd.server_port}"
        Handler.stopped.set()
        httpd.shutdown()
        thread.join()


Open = Callable[[str], IcsSource]


@pytest.fixture
def open_source(expander: Expander) -> Iterator[Open]:
    """Opens sources with small timeouts that share the folder's child."""
    opened: list[IcsSource] = []

    def opener(template: str) -> IcsSource:
        source = IcsSource(template, expander=expander, timeouts=(0.5, 0.3), seconds=0.6)
        opened.append(source)
        return source

    yield opener
    for source in opened:
        source._session.close()


def test_a_calendar_by_http(server: str, open_source: Open) -> None:
    source = open_source(f"ics+http://{server}/cal/{{mail}}/calendar.ics")
    assert [m.uid for m in source.read(ALICE, START, END).meetings] == ["talk-1"]
    [(path, agent, _)] = Handler.asked
    assert (path, agent) == ("/cal/alice%40corp.example/calendar.ics", "intranet-people")


def test_a_calendar_in_chunks(server: str, open_source: Open) -> None:
    source = open_source(f"ics+http://{server}/{{handle}}/chunked")
    assert len(source.read(ALICE, START, END).meetings) == 1


def test_user_and_password_of_the_address_are_sent(server: str, open_source: Open) -> None:
    open_source(f"ics+http://sync:hunter2@{server}/{{handle}}/ok").read(ALICE, START, END)
    assert Handler.asked[0][2].startswith("Basic ")


@pytest.mark.parametrize(
    ("kind", "error", "reason"),
    [
        ("404", CalendarMissing, "answered HTTP 4(04|10)"),
        ("410", CalendarMissing, "answered HTTP 4(04|10)"),
        ("500", CalendarError, "answered HTTP 500"),
        ("204", CalendarError, "answered HTTP 204"),
        ("401", CalendarError, "refuses our user name and password"),
        ("redirect", CalendarError, "redirects to 169.254.169.254; redirects are not followed"),
        ("slow", CalendarError, "took longer than 0.6 s"),
        ("mute", CalendarError, "sent nothing for 0.3 s"),
        ("garbled", CalendarError, "closed the connection"),
        ("half", CalendarError, "cut off|closed the connection"),
        ("silent", CalendarError, "sent nothing for 0.3 s"),
        ("long", CalendarError, "larger than 10 MB"),
        ("endless", CalendarError, "larger than 10 MB"),
        ("packed", CalendarError, "compressed"),
    ],
)
def test_what_a_server_may_do(
    server: str, open_source: Open, kind: str, error: type[Exception], reason: str
) -> None:
    source = open_source(f"ics+http://sync:hunter2@{server}/{{handle}}/{kind}?token=s3cret")
    if kind == "endless":
        source._seconds = 20
    with pytest.raises(CalendarError, match=reason) as caught:
        source.read(ALICE, START, END)
    assert type(caught.value) is error
    assert len(Handler.asked) == 1
    assert "hunter2" not in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_server_that_is_down(open_source: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    source = open_source("ics+http://sync:hunter2@127.0.0.1:9/{handle}?token=s3cret")
    with pytest.raises(
        CalendarError, match=r"^127\.0\.0\.1 cannot be reached, or closed the connection$"
    ) as caught:
        source.read(ALICE, START, END)
    assert caught.value.__suppress_context__


def test_a_name_changes_neither_host_nor_depth_nor_query(server: str, open_source: Open) -> None:
    source = open_source(f"ics+http://{server}/{{handle}}/{{mail}}/ok?of={{handle}}")
    owner = Owner("jörg?x=1&y#z%2e{mail}@evil.example", "a+b@corp.example")
    source.read(owner, START, END)
    name = "j%C3%B6rg%3Fx%3D1%26y%23z%252e%7Bmail%7D%40evil.example"
    assert Handler.asked[0][0] == f"/{name}/a%2Bb%40corp.example/ok?of={name}"


UNFIT = ["..", ".", "../bob", "/etc/passwd", "bob/../alice", "..\\bob", "bob\x00", "bob\r\nX: y"]


@pytest.mark.parametrize("handle", UNFIT)
def test_a_name_that_would_lead_elsewhere(open_source: Open, tmp_path: Path, handle: str) -> None:
    for template in (f"ics+file://{tmp_path}/{{handle}}.ics", "ics+http://127.0.0.1:9/{handle}/x"):
        with pytest.raises(CalendarError, match="cannot be part"):
            open_source(template).read(Owner(handle, None), START, END)


def test_without_a_mail_there_is_no_calendar(open_source: Open) -> None:
    for mail in (None, ""):
        with pytest.raises(CalendarMissing, match="no mail"):
            open_source("ics+https://mail.corp.example/{mail}").read(Owner("a", mail), START, END)


def test_a_calendar_from_a_folder(open_source: Open, tmp_path: Path) -> None:
    (tmp_path / "jörg dreßler.ics").write_bytes(GOOD)
    (tmp_path / "bob.ics").mkdir()
    (tmp_path / "big.ics").write_bytes(b"x" * 11_000_000)
    os.mkfifo(tmp_path / "pipe.ics")
    source = open_source(f"ics+file://{tmp_path}/{{handle}}.ics")
    assert len(source.read(Owner("jörg dreßler", None), START, END).meetings) == 1
    with pytest.raises(CalendarMissing, match=r"^carol\.ics does not exist$"):
        source.read(Owner("carol", None), START, END)
    for handle in ("bob", "big", "pipe", "x" * 300):
        with pytest.raises(CalendarError) as caught:
            source.read(Owner(handle, None), START, END)
        assert type(caught.value) is CalendarError


def test_closed_source_can_be_used_again(tmp_path: Path) -> None:
    (tmp_path / "alice.ics").write_bytes(GOOD)
    with IcsSource(f"ics+file://{tmp_path}/{{handle}}.ics") as source:
        assert source.read(ALICE, START, END)
        source.close()
        assert source.read(ALICE, START, END)
