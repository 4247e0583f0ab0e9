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

from intranet_people.ldap.presets import INETORGPERSON
from intranet_people.sync.history import SyncRun, last_run
from tests.servers.slapd import Slapd

from .. import SECRET_KEY
from .browser import Request, cookie_of, request
from .company import dn_of, people
from .ldif import write_ldif
from .report import Phases, Progress, Row, median_ratio, percentile
from .store import Databases, Store

ROOT = Path(__file__).parents[2]
ROUNDS = 3
A_FEW, MANY = 1_000, 2_000
"""With fewer people a run only shows that everything works; with more the first sync, which also
makes the sizes of the photos, is so long that it is done once."""
CHANGES, PAGES, VIEWER = 100, 300, 17
COMMAND = (sys.executable, "-m", "tests.bench.timed_command", "--app", "wsgi", "people", "sync")


def measure(
    size: int, seed: int, databases: Databases, folder: Path, progress: Progress
) -> tuple[list[Row], list[Phases]]:
    ldif = folder / f"{size}.ldif"
    progress.say(f"sync {size:,}: filling slapd")
    write_ldif(ldif, people(size, seed, date.today()))
    with Slapd(ldif=ldif) as slapd:
        ldif.unlink()
        _search(slapd)  # warms the server's caches, for both
        rounds = ROUNDS if A_FEW <= size <= MANY else 1
        stores = [databases.new(f"sync{size}_{n}") for n in range(rounds)]
        first = [_round("first", size, slapd, store, progress) for store in stores]
        several = range(ROUNDS if size >= A_FEW else 1)
        full = [_round("unchanged, full", size, slapd, stores[0], progress) for _ in several]
        few = [_few_changes(size, n, slapd, stores[0], progress) for n in several]
        page = _page_meanwhile(size, seed, slapd, stores[0], progress)
    kinds = (first, full, few)
    return [*(_row(rounds) for rounds in kinds), page], [_middle(r) for r in kinds]


Round = tuple[Phases, float]
"""A sync, and the seconds of the ldapsearch right before it."""


def _round(what: str, size: int, slapd: Slapd, store: Store, progress: Progress) -> Round:
    progress.say(f"sync {size:,}: ldapsearch, then a sync, {what}")
    floor = _search(slapd)
    phases = _sync(what, size, slapd, store, "--full")
    counts = _last_run(store).counts
    if counts["read"] != size or counts["left" if what == "first" else "changed"]:
        raise RuntimeError(f"The sync went wrong: {counts}")
    return phases, floor


def _few_changes(size: int, n: int, slapd: Slapd, store: Store, progress: Progress) -> Round:
    """CHANGES people of all over the company get another title; the floor is an ldapsearch of
    as many entries."""
    progress.say(f"sync {size:,}: {CHANGES} changes")
    changed = range(0, size, max(1, size // CHANGES))[:CHANGES]
    slapd.modify(
        "\n".join(
            f"dn: {dn_of(one)}\nchangetype: modify\nreplace: title\ntitle: Chief {n}\n"
            for one in changed
        )
    )
    floor = _search(slapd, f"(title=Chief {n})")
    phases = _sync(f"{len(changed)} changes", size, slapd, store)
    if _last_run(store).counts["changed"] != len(changed):
        raise RuntimeError(f"The sync went wrong: {_last_run(store).counts}")
    return phases, floor


def _page_meanwhile(size: int, seed: int, slapd: Slapd, store: Store, progress: Progress) -> Row:
    """The p99 of the people page while a full sync runs that changes everybody, nice as cron is to
    start it; the floor is the same page with nothing else going on, half of it before and half
    after."""
    progress.say(f"sync {size:,}: the people page while everybody changes")
    viewer = next(p for p in people(size, seed, date.today()) if p.n == VIEWER)
    page = request(store.app, "/people/", cookie_of(store.app, viewer.directory_id))
    alone = [_timed(page) for _ in range(PAGES)]
    everybody = {"PEOPLE_LDAP_ATTRIBUTES": '{"title": "physicalDeliveryOfficeName"}'}
    meanwhile = list[float]()
    with subprocess.Popen(
        ("nice", *COMMAND), cwd=ROOT, env=_environment(slapd, store.url) | everybody
    ) as sync:
        while sync.poll() is None:
            meanwhile.append(_timed(page))
    if sync.returncode or _last_run(store).counts["changed"] != size:
        raise RuntimeError(f"The sync went wrong: {_last_run(store).counts}")
    alone += [_timed(page) for _ in range(PAGES)]
    found, floor = percentile(meanwhile, 99), percentile(alone, 99)
    return Row("people page, p99, during a sync of everybody", size, found, floor, found / floor)


def _timed(page: Request) -> float:
    """In milliseconds, with a pause as between people."""
    time.sleep(0.005)
    began = time.perf_counter()
    page()
    return (time.perf_counter() - began) * 1000


def _search(slapd: Slapd, search_filter: str = INETORGPERSON.person_filter) -> float:
    """Seconds that `ldapsearch` takes as the service account, by the same paging and TLS."""
    command = [
        *("ldapsearch", "-x", "-LLL", "-o", "ldif-wrap=no", "-E", "pr=500/noprompt"),
        *("-H", slapd.ldaps_uri, "-D", slapd.service_dn, "-w", slapd.service_password),
        *("-b", slapd.base_dn, search_filter, *INETORGPERSON.attributes),
    ]
    environment = {**os.environ, "LDAPTLS_CACERT": str(slapd.ca_file)}
    began = time.perf_counter()
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def _sync(what: str, size: int, slapd: Slapd, store: Store, *options: str) -> Phases:
    """One run of the command in a process of its own, as cron would start it."""
    began = time.time()
    done = subprocess.run(
        [*COMMAND, *options],
        cwd=ROOT,
        env=_environment(slapd, store.url),
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    ended = time.time()
    seen = json.loads(done.stdout.splitlines()[-1])
    run = _last_run(store)
    if run.status != "done":
        raise RuntimeError(f"The sync went wrong: {run.status} {run.counts} {run.reasons}")
    started, finished = run.started_at.timestamp(), _finish(run).timestamp()
    return Phases(
        what=what,
        size=size,
        start=started - began,
        read=seen["read"],
        stage=seen["between"],
        merge=finished - started - seen["read"] - seen["between"],
        photos=ended - finished,
        whole=ended - began,
        peak_mb=seen["peak_kb"] / 1024,
    )


def _environment(slapd: Slapd, url: str) -> dict[str, str]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("PEOPLE_")}
    return inherited | {
        "SECRET_KEY": SECRET_KEY,
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
    """From the start of the process till the people are there, with their photos; the sizes of
    new photos are made afterwards."""
    ours, floor = [p.whole - p.photos for p, _ in rounds], [f for _, f in rounds]
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
