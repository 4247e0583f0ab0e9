"""The whole sync from a real slapd, against `ldapsearch` of the same entries and attributes."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

from intranet_people.ldap.schemas import INETORGPERSON
from intranet_people.people.person import SyncRun
from intranet_people.people.sync import last_run
from tests.servers.slapd import Slapd

from .company import people
from .ldif import write_ldif
from .report import Phases, Progress, Row, median_ratio
from .store import Databases, Store

ROOT = Path(__file__).parents[2]
ROUNDS = 3
A_FEW, MANY = 1_000, 2_000
"""With fewer people a run only shows that everything works; with more the first sync, which also
makes the sizes of the photos, is so long that it is done once."""


def measure(
    size: int, seed: int, databases: Databases, folder: Path, progress: Progress
) -> tuple[list[Row], list[Phases]]:
    ldif = folder / f"{size}.ldif"
    progress.say(f"sync {size:,}: filling slapd")
    write_ldif(ldif, people(size, seed, date.today()))
    with Slapd(ldif=ldif) as slapd:
        ldif.unlink()
        _search(slapd)  # warms the server's caches, for both
        stores = [
            databases.new(f"sync{size}_{n}") for n in range(ROUNDS if A_FEW <= size <= MANY else 1)
        ]
        first = [_round("first", size, slapd, store, progress) for store in stores]
        again = [
            _round("unchanged", size, slapd, stores[0], progress)
            for _ in range(ROUNDS if size >= A_FEW else 1)
        ]
    return [_row(rounds) for rounds in (first, again)], [_middle(r) for r in (first, again)]


Round = tuple[Phases, float]
"""A sync, and the seconds of the ldapsearch right before it."""


def _round(what: str, size: int, slapd: Slapd, store: Store, progress: Progress) -> Round:
    progress.say(f"sync {size:,}: ldapsearch, then a sync, {what}")
    floor = _search(slapd)
    return _sync(what, size, slapd, store), floor


def _search(slapd: Slapd) -> float:
    """Seconds that `ldapsearch` takes as the service account, by the same paging and TLS."""
    command = [
        *("ldapsearch", "-x", "-LLL", "-o", "ldif-wrap=no", "-E", "pr=500/noprompt"),
        *("-H", slapd.ldaps_uri, "-D", slapd.service_dn, "-w", slapd.service_password),
        *("-b", slapd.base_dn, INETORGPERSON.person_filter, *INETORGPERSON.attributes),
    ]
    environment = {**os.environ, "LDAPTLS_CACERT": str(slapd.ca_file)}
    began = time.perf_counter()
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def _sync(what: str, size: int, slapd: Slapd, store: Store) -> Phases:
    """One run of the command in a process of its own, as cron would start it."""
    began = time.time()
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.timed_command", "--app", "wsgi", "people", "sync"],
        cwd=ROOT,
        env=_environment(slapd, store.url),
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    ended = time.time()
    seen = json.loads(done.stdout.splitlines()[-1])
    run = _last_run(store)
    if run.counts["read"] != size or run.status != "done":
        raise RuntimeError(f"The sync went wrong: {run.status} {run.counts} {run.message}")
    started, finished = run.started_at.timestamp(), _finish(run).timestamp()
    return Phases(
        what=what,
        size=size,
        read=seen["read"],
        map=seen["between"],
        merge=finished - started - seen["read"] - seen["between"],
        photos=ended - finished,
        whole=ended - began,
        peak_mb=seen["peak_kb"] / 1024,
    )


def _environment(slapd: Slapd, url: str) -> dict[str, str]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("PEOPLE_")}
    return inherited | {
        "SECRET_KEY": "bench",
        "SQLALCHEMY_DATABASE_URI": url,
        "PEOPLE_LDAP_URI": slapd.ldaps_uri,
        "PEOPLE_LDAP_CA_FILE": str(slapd.ca_file),
        "PEOPLE_LDAP_BASE_DN": slapd.base_dn,
        "PEOPLE_LDAP_BIND_DN": slapd.service_dn,
        "PEOPLE_LDAP_BIND_PASSWORD": slapd.service_password,
    }


def _last_run(store: Store) -> SyncRun:
    with store.session() as session:
        run = last_run(session)
    if run is None:
        raise RuntimeError("The sync left no record of itself.")
    return run


def _finish(run: SyncRun) -> datetime:
    return run.finished_at or datetime.now(UTC)


def _row(rounds: list[Round]) -> Row:
    """Reading and writing the people, without what follows for the photos."""
    ours, floor = [p.read + p.map + p.merge for p, _ in rounds], [f for _, f in rounds]
    phases = rounds[0][0]
    return Row(
        f"sync, {phases.what}",
        phases.size,
        statistics.median(ours),
        statistics.median(floor),
        median_ratio(ours, floor),
        "s",
    )


def _middle(rounds: list[Round]) -> Phases:
    by_time = sorted((p for p, _ in rounds), key=lambda p: p.whole)
    return by_time[len(by_time) // 2]
