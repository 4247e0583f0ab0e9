"""`python -m tests.soak`: what is too long for every day: hundreds of kills, cuts, and a crowd."""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import click

from tests.bench.report import table
from tests.servers.postgresql import PostgreSQL

from . import cuts, kills, waits
from .kills import Copies

Rounds = Callable[[Copies, int, int], Iterator[str]]
KINDS: dict[str, tuple[Rounds, str]] = {
    "kills": (kills.rounds, "syncs killed with -9, all over a run"),
    "cuts": (cuts.rounds, "connections cut at a random byte"),
    "waits": (waits.rounds, "seconds that others waited to write, at most, while all changed"),
}
HEAD = ("what", "database", "rounds", "outcome", "minutes")


@click.command()
@click.option("--kills", "number", default=200, show_default=True, help="Rounds of kills.")
@click.option("--only", default=",".join(KINDS), show_default=True, help="Some of them.")
@click.option("--seed", default=int(time.time()), help="By which the moments are chosen.")
def main(number: int, only: str, seed: int) -> None:
    """Each round has to end well, or the soak ends there."""
    rows, began = [], time.monotonic()
    click.echo(f"seed {seed}", err=True)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="soak-")))
        server = stack.enter_context(PostgreSQL())
        for kind in only.split(","):
            rounds, what = KINDS[kind]
            for database, copies in (
                ("SQLite", Copies(folder, None)),
                ("PostgreSQL", Copies(folder, server)),
            ):
                start = time.monotonic()
                outcomes = Counter[str]()
                for n, outcome in enumerate(rounds(copies, number, seed), 1):
                    outcomes[outcome] += 1
                    _say(f"{database}: {n} {what}: {_counted(outcomes)}", began)
                minutes = f"{(time.monotonic() - start) / 60:.1f}"
                rows.append([what, database, str(n), _counted(outcomes), minutes])
                click.echo(err=True)
    click.echo(table(HEAD, rows))


def _counted(outcomes: Counter[str]) -> str:
    return ", ".join(f"{n} {outcome}" for outcome, n in sorted(outcomes.items()))


def _say(text: str, began: float) -> None:
    end = "" if sys.stderr.isatty() else "\n"
    start = "\r" if sys.stderr.isatty() else ""
    click.echo(f"{start}[{time.monotonic() - began:7.1f} s] {text}", err=True, nl=bool(end))


if __name__ == "__main__":
    main(prog_name="python -m tests.soak")
