"""Splits a calendar into its components, so that a broken one does not affect the others."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ..problems import Problem
from .source import CalendarError

Block = list[bytes]
_MARKS = (b"BEGIN:", b"END:")
_FOLD = re.compile(rb"\r?\n[ \t]")


@dataclass
class Blocks:
    """The VTIMEZONE and VEVENT components as unfolded lines, and the properties of the calendar.

    Other components such as VALARM and VTODO are dropped: they are not shown, and a broken one
    would make its event unreadable. `unfinished` has the events without an END.
    """

    properties: dict[str, str] = field(default_factory=dict)
    zones: list[Block] = field(default_factory=list)
    events: list[Block] = field(default_factory=list)
    unfinished: list[Block] = field(default_factory=list)


def split_components(data: bytes) -> Blocks:
    """The components of all VCALENDARs in `data` (RFC 5545 3.1, 3.4, 3.6).

    Raises CalendarError if it is not a calendar, or a truncated one, whose missing meetings would
    look cancelled.
    """
    lines = _FOLD.sub(b"", data.removeprefix(b"\xef\xbb\xbf")).splitlines()
    lines = [line for line in lines if line.strip()]
    if not lines or lines[0].strip().upper() != b"BEGIN:VCALENDAR":
        raise CalendarError(Problem("calendar-no-calendar"))
    # Some feeds have a comment after the end.
    marks = (mark for line in reversed(lines) if (mark := line.strip().upper()).startswith(_MARKS))
    if next(marks) != b"END:VCALENDAR":
        raise CalendarError(Problem("calendar-cut-off"))
    splitter = _Splitter()
    for line in lines:
        splitter.add_line(line)
    return splitter.blocks


class _Splitter:
    """Collects components from lines."""

    def __init__(self) -> None:
        self.blocks = Blocks()
        self._block: Block = []
        self._open: list[bytes] = []

    def add_line(self, line: bytes) -> None:
        name, _, value = line.strip().partition(b":")
        if (verb := name.upper()) == b"BEGIN":
            self._begin(value.upper(), line)
        elif verb == b"END":
            self._end(value.upper(), line)
        elif self._open:
            self._keep(line)
        else:
            key = name.upper().decode("ascii", "replace")
            self.blocks.properties.setdefault(key, value.decode("utf-8", "replace"))

    def _begin(self, name: bytes, line: bytes) -> None:
        if name in {b"VCALENDAR", b"VEVENT"}:
            self._discard_open()
        if name == b"VCALENDAR":
            return
        self._open.append(name)
        self._keep(line)

    def _end(self, name: bytes, line: bytes) -> None:
        if name == b"VCALENDAR":
            return self._discard_open()
        if not self._open or self._open[-1] != name:
            return None
        self._keep(line)
        self._open.pop()
        if not self._open:
            self._finish(name)
        return None

    def _keep(self, line: bytes) -> None:
        """Keep the subcomponents of a VTIMEZONE, which needs them, but not those of a VEVENT."""
        if self._open[0] == b"VTIMEZONE" or self._open == [b"VEVENT"]:
            self._block.append(line)

    def _finish(self, name: bytes) -> None:
        block, self._block = self._block, []
        if name == b"VEVENT":
            self.blocks.events.append(block)
        elif name == b"VTIMEZONE":
            self.blocks.zones.append(block)

    def _discard_open(self) -> None:
        """Give up a component that is still open when an event starts or the calendar ends."""
        if self._open and self._open[0] == b"VEVENT":
            self.blocks.unfinished.append(self._block)
        self._open, self._block = [], []
