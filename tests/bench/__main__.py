"""`python -m tests.bench`: the figures of docs/performance.md."""

from __future__ import annotations

import platform
import tempfile
from contextlib import ExitStack
from pathlib import Path

import click

from tests.servers.postgresql import PostgreSQL

from . import host, pages, paint, served, sync
from .report import HEAD, PHASES_HEAD, Phases, Progress, Row, table
from .store import Databases

PAGES = {
    "people": pages.people_page,
    "profile": pages.profile,
    "search": pages.search,
    "meetings": pages.meetings,
    "badge": pages.badge,
    "photos": pages.photos,
    "writes": pages.writes,
    "served": served.pages_served,
}
KINDS = (*PAGES, "paint", "host", "sync")
USUAL = (1_000, 10_000, 100_000)
USUAL_SYNC = (1_000, 10_000)


def _numbers(context: click.Context, parameter: click.Parameter, text: str) -> list[int]:
    try:
        sizes = [int(part) for part in text.replace("_", "").split(",") if part]
    except ValueError:
        raise click.BadParameter("whole numbers, as 1000,10000") from None
    if any(not pages.FEWEST <= size <= 1_000_000 for size in sizes):
        raise click.BadParameter(f"from {pages.FEWEST} to 1000000 people")
    return sizes


def _kinds(context: click.Context, parameter: click.Parameter, text: str) -> list[str]:
    kinds = [part for part in text.split(",") if part]
    if unknown := [kind for kind in kinds if kind not in KINDS]:
        raise click.BadParameter(f"{', '.join(unknown)}: known are {', '.join(KINDS)}")
    return kinds


@click.command()
@click.option(
    "--sizes",
    default="",
    callback=_numbers,
    help="People in the company, such as 1000,10000. By default 1000, 10000 and 100000; for the"
    " sync without 100000, which takes minutes.",
)
@click.option(
    "--only",
    default=",".join(KINDS),
    show_default=True,
    callback=_kinds,
    help="Only these measurements.",
)
@click.option("--seed", default=1, show_default=True, help="Another seed makes other people.")
@click.option("--postgresql", is_flag=True, help="A private PostgreSQL instead of SQLite.")
def main(sizes: list[int], only: list[str], seed: int, postgresql: bool) -> None:
    """Measure the pages, the search, a host and the sync, each against a floor of the same run."""
    progress, rows, phases = Progress(), list[Row](), list[Phases]()
    painted = list[paint.Measured]()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        server = stack.enter_context(PostgreSQL()) if postgresql else None
        databases = Databases(folder, server)
        measures = [PAGES[kind] for kind in only if kind in PAGES]
        for size in (sizes or USUAL) if measures else ():
            rows += pages.measure(size, seed, measures, databases, progress)
        for size in (sizes or USUAL)[:1] if "paint" in only else ():
            painted += pages.measure(size, seed, [paint.first_page], databases, progress)
        for size in (sizes or USUAL)[:1] if "host" in only else ():
            rows += host.measure(size, seed, databases, progress)
        for size in (sizes or USUAL_SYNC) if "sync" in only else ():
            found = sync.measure(size, seed, databases, folder, progress)
            rows += found[0]
            phases += found[1]
    progress.say("done")
    _tell(rows, phases, painted, "PostgreSQL" if postgresql else "SQLite", seed)


def _tell(
    rows: list[Row], phases: list[Phases], painted: list[paint.Measured], database: str, seed: int
) -> None:
    click.echo(f"Python {platform.python_version()}, {database}, seed {seed}\n")
    if rows:
        click.echo(table(HEAD, [row.cells() for row in rows]))
    if painted:
        click.echo(table(paint.PAINT_HEAD, [p.cells() for p in painted]))
    if phases:
        click.echo(table(PHASES_HEAD, [p.cells() for p in phases]))


if __name__ == "__main__":
    main(prog_name="python -m tests.bench")
