"""Cuts a calendar into its components, so that one broken part cannot lose the others."""

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
    """A calendar's VTIMEZONE and VEVENT components and its own properties, as unfolded lines.

    VALARM, VTODO and all other components are dropped unread: nothing of them is shown,
    and a broken one would spoil what is. `unfinished` are events without their END.
    """

    properties: dict[str, str] = field(default_factory=dict)
    zones: list[Block] = field(default_factory=list)
    events: list[Block] = field(default_factory=list)
    unfinished: list[Block] = field(default_factory=list)


def split_components(data: bytes) -> Blocks:
    """The components of all VCALENDARs in `data` (RFC 5545 3.1, 3.4, 3.6).

    Raises CalendarError where it is no calendar, or one that was cut off on the way: what
    a cut takes away would look like meetings that were cancelled.
    """
    lines = _FOLD.sub(b"", data.removeprefix(b"\xef\xbb\xbf")).splitlines()
    lines = [line for line in lines if line.strip()]
    if not lines or lines[0].strip().upper() != b"BEGIN:VCALENDAR":
        raise CalendarError(Problem("calendar-no-calendar"))
    # Some feeds have a comment behind their end.
    marks = (mark for line in reversed(lines) if (mark := line.strip().upper()).startswith(_MARKS))
    if next(marks) != b"END:VCALENDAR":
        raise CalendarError(Problem("calendar-cut-off"))
    cutter = _Cutter()
    for line in lines:
        cutter.take(line)
    return cutter.blocks


class _Cutter:
    """Follows BEGIN and END, and files each finished component."""

    def __init__(self) -> None:
        self.blocks = Blocks()
        self._block: Block = []
        self._open: list[bytes] = []

    def take(self, line: bytes) -> None:
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
            self._abandon()
        if name == b"VCALENDAR":
            return
        self._open.append(name)
        self._keep(line)

    def _end(self, name: bytes, line: bytes) -> None:
        if name == b"VCALENDAR":
            return self._abandon()
        if not self._open or self._open[-1] != name:
            return None
        self._keep(line)
        self._open.pop()
        if not self._open:
            self._file(name)
        return None

    def _keep(self, line: bytes) -> None:
        """A VTIMEZONE is nothing without its parts, a VEVENT all we want without them."""
        if self._open[0] == b"VTIMEZONE" or self._open == [b"VEVENT"]:
            self._block.append(line)

    def _file(self, name: bytes) -> None:
        block, self._block = self._block, []
        if name == b"VEVENT":
            self.blocks.events.append(block)
        elif name == b"VTIMEZONE":
            self.blocks.zones.append(block)

    def _abandon(self) -> None:
        """What is still open where a new event or the end of the calendar comes is broken."""
        if self._open and self._open[0] == b"VEVENT":
            self.blocks.unfinished.append(self._block)
        self._open, self._block = [], []
