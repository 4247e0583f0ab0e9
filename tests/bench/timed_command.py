"""`flask` with a clock: what a command spent in reading the directory, and its peak memory.

Its last line on stdout is JSON: `read`, seconds within a `Read` (the network, ldap3's
decoder); `between`, seconds of whoever took the entries; `peak_kb`, the peak of the resident
memory. That one is read here, since the parent's own memory counts in what wait4() says of a
child.
"""

from __future__ import annotations

import atexit
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import click
from flask.cli import main

import wsgi  # noqa: F401  # as `flask` does: nothing of ours comes before it
from intranet_people.ldap.changes import Read
from intranet_people.ldap.entry import Entry

seconds = {"read": 0.0, "between": 0.0}
come = Read.__iter__


def timed(self: Read) -> Iterator[Entry]:
    mark = time.perf_counter()
    for entry in come(self):
        given = time.perf_counter()
        seconds["read"] += given - mark
        yield entry
        mark = time.perf_counter()
        seconds["between"] += mark - given
    seconds["read"] += time.perf_counter() - mark


def say() -> None:
    peak = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    click.echo(json.dumps(seconds | {"peak_kb": int(peak[1]) if peak else 0}))


if __name__ == "__main__":
    atexit.register(say)
    with patch.object(Read, "__iter__", timed):
        main()
