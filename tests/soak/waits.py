"""Somebody who follows and unfollows all the time, while a sync changes a whole large company:
how long did the longest of their writes wait?"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import date

from tests.bench.company import people
from tests.bench.ldif import write_ldif
from tests.servers.slapd import Slapd

from .kills import Copies
from .syncs import run, start

ROUNDS = {10_000: 3, 100_000: 2}
"""How often everybody of a company of that size changes."""
LIMITS = {"sqlite": {10_000: 0.5, 100_000: 2.0}, "postgresql": {10_000: 0.1, 100_000: 0.1}}
"""Seconds."""

FOLLOWING = """
import select, sys, time
from sqlalchemy import create_engine, delete, insert
from intranet_people.follows.follow import Follow
from intranet_people.db.sqlite import use_sqlite_well
from intranet_people.people.person import now

engine = create_engine(sys.argv[1])
use_sqlite_well(engine)
print("begun", flush=True)
while not select.select([sys.stdin], [], [], 0.01)[0]:
    began = time.perf_counter()
    with engine.begin() as connection:
        connection.execute(delete(Follow))
        connection.execute(insert(Follow).values(follower_id=1, person_id=2, since=now()))
    print(time.perf_counter() - began)
"""


class Following:
    """A process that follows and unfollows; `end` tells how long each write took, in seconds."""

    def __init__(self, url: str) -> None:
        command = [sys.executable, "-c", FOLLOWING, url]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self._process = subprocess.Popen(command, text=True, **pipes)  # type: ignore[call-overload]
        self._process.stdout.readline()

    def end(self) -> list[float]:
        said, _ = self._process.communicate("end")
        return [float(line) for line in said.split()]


def rounds(copies: Copies, number: int, seed: int) -> Iterator[str]:
    """ROUNDS, whatever the number."""
    for size, count in ROUNDS.items():
        ldif = copies.folder / f"crowd-{size}.ldif"
        write_ldif(ldif, people(size, seed, date(2026, 1, 1)))
        name = copies.empty()
        limit = LIMITS[copies.url(name).partition(":")[0].partition("+")[0]][size]
        with Slapd(ldif=ldif) as slapd:
            run(slapd, copies.url(name))
            for n in range(count):
                waited = _longest_wait(slapd, copies.url(name), n)
                assert waited < limit, f"of {size:,}: somebody waited for {waited:.2f} s"
                yield f"{waited:.2f} s of {size:,}"


def _longest_wait(slapd: Slapd, url: str, n: int) -> float:
    # Each time another attribute is the title, so that everybody changes.
    title = ("physicalDeliveryOfficeName", "l", "ou")[n % 3]
    following = Following(url)
    mapping = {"PEOPLE_LDAP_ATTRIBUTES": f'{{"title": "{title}"}}'}
    running = start(slapd, url, settings=mapping)
    said, _ = running.communicate()
    waited = following.end()
    assert running.returncode == 0, said
    assert len(waited) > 20
    return max(waited)
