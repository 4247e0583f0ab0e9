"""The pages that people wait for, each against a bare page with as many rows."""

from __future__ import annotations

import gc
import random
import statistics
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial

from flask import Flask

from .browser import HTMX, Request, cookie_of, people_in, request, times
from .company import Person, people
from .floor import bare_app
from .life import ALL_HANDS, give_life
from .report import Progress, Row, median_ratio, percentile
from .store import Databases, Store, fill

FEWEST = ALL_HANDS
ROUNDS, QUERIES, BEST_OF = 60, 200, 3
A_FEW = 1_000
"""Below so many people a run shows that everything works, with a quarter of the rounds."""
VIEWER = 17
"""Neither a lead nor in the first team."""


@dataclass(frozen=True)
class Site:
    """Our app with a company in it, the bare app over the same rows, and who looks."""

    ours: Flask
    bare: Flask
    size: int
    seed: int
    cookie: dict[str, str]

    def page(self, path: str) -> Request:
        return request(self.ours, path, self.cookie)

    def part(self, path: str) -> Request:
        return request(self.ours, path, self.cookie | HTMX)

    def rounds_of(self, usual: int) -> int:
        return usual if self.size >= A_FEW else usual // 4

    def someone(self, dice: random.Random, rows: int) -> Request:
        """The bare page with so many rows, from anywhere in the company; at most all of it."""
        first = dice.randint(1, max(1, self.size - rows))
        return request(self.bare, f"/from/{first}/{rows}")


Measure = Callable[[Site], list[Row]]


def measure(
    size: int, seed: int, measures: Sequence[Measure], databases: Databases, progress: Progress
) -> list[Row]:
    store = databases.new(f"pages{size}")
    progress.say(f"pages {size:,}: filling the database")
    fill(store, size, seed, lambda n: progress.step("people made", n, size))
    gc.collect()  # what filling left behind is not the pages' to carry
    rows = []
    with _site(store, size, seed) as site:
        for one in measures:
            progress.say(f"pages {size:,}: {one.__name__.replace('_', ' ')}")
            rows += one(site)
    return rows


@contextmanager
def _site(store: Store, size: int, seed: int) -> Iterator[Site]:
    viewer = next(p for p in people(size, seed, date.today()) if p.n == VIEWER)
    with store.session() as session:
        give_life(session, viewer.directory_id, seed)
    bare = bare_app(store.url)
    yield Site(store.app, bare, size, seed, cookie_of(store.app, viewer.directory_id))
    bare.extensions["floor"].dispose()
    with store.app.app_context():
        store.app.extensions["sqlalchemy"].engine.dispose()


def people_page(site: Site) -> list[Row]:
    rows = people_in(site.part("/people/")())
    compare = partial(_compare, site, floor=request(site.bare, f"/list/{rows}"))
    return [
        compare(f"people, the list ({rows} rows)", site.part("/people/")),
        compare("people, the whole page", site.page("/people/")),
    ]


def meetings(site: Site) -> list[Row]:
    part = site.part("/people/meetings")
    rows = people_in(part())
    floor = site.someone(random.Random(site.seed), rows)
    return [_compare(site, f"meetings, the partial ({rows} people)", part, floor)]


def search(site: Site) -> list[Row]:
    """The middle and the slow end of many beginnings of words, each with its own floor.

    Of each query the best time counts: a slow end is of the query, not of the machine.
    """
    dice = random.Random(site.seed)
    staff = list(people(site.size, site.seed, date.today()))
    ours, bare = list[float](), list[float]()
    for query in (_query(dice, dice.choice(staff)) for _ in range(site.rounds_of(QUERIES))):
        part = site.part(f"/people/search?q={query}")
        taken = times(part, site.someone(dice, people_in(part())), BEST_OF)
        ours.append(min(taken[0]))
        bare.append(min(taken[1]))
    return [
        Row(f"search as you type, p{percent}", site.size, found, floor, found / floor)
        for percent in (50, 95)
        for found, floor in [[percentile(t, percent) for t in (ours, bare)]]
    ]


def _query(dice: random.Random, person: Person) -> str:
    """What one types on the way to `person`: one to six letters, or the beginnings of two words."""
    if dice.random() < 0.25:
        return f"{person.given[: dice.randint(1, 4)]} {person.family[: dice.randint(1, 4)]}"
    texts = (person.given, person.family, person.team, person.city, person.title)
    text = dice.choices(texts, (4, 4, 1, 1, 1))[0]
    return text.split()[0][: dice.randint(1, 6)]


def _compare(site: Site, what: str, subject: Request, floor: Request) -> Row:
    ours, bare = times(subject, floor, site.rounds_of(ROUNDS))
    ratio = median_ratio(ours, bare)
    return Row(what, site.size, statistics.median(ours), statistics.median(bare), ratio)
