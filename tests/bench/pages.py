"""The pages that people wait for, each against a bare page with the same bytes."""

from __future__ import annotations

import gc
import random
import statistics
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

from flask import Flask
from sqlalchemy import func, insert, select

from intranet_people.people.person import Person as PersonEntity
from intranet_people.photos.photo import Photo

from .browser import HTMX, Request, cookie_of, people_in, request, times, token_of
from .company import Person, people
from .floor import Floor, bare_app
from .life import ALL_HANDS, give_life, meet_all
from .report import Progress, Row, median_ratio, percentile
from .store import Databases, Store, base_of, fill

FEWEST = ALL_HANDS
ROUNDS, QUERIES, BEST_OF = 60, 200, 3
A_FEW = 1_000
"""Below so many people a run shows that everything works, with a quarter of the rounds."""
VIEWER = 17
"""Neither a lead nor in the first team."""
PHOTO = bytes(3_000)
DIGEST = "f" * 64


@dataclass(frozen=True)
class Site:
    """Our app with a company in it, the bare app over the same rows, and who looks."""

    store: Store
    floor: Floor
    size: int
    seed: int
    folder: Path
    viewer: str
    """The directory's id of who looks."""
    cookie: dict[str, str]

    @property
    def ours(self) -> Flask:
        return self.store.app

    def page(self, path: str) -> Request:
        return request(self.ours, path, self.cookie)

    def part(self, path: str) -> Request:
        return request(self.ours, path, self.cookie | HTMX)

    def bare(self, path: str, **how: object) -> Request:
        return request(self.floor.app, path, **how)  # type: ignore[arg-type]

    def same(self, ours: Request) -> Request:
        """The floor of a page: the same bytes."""
        return self.bare(self.floor.same(ours()))

    def rounds_of(self, usual: int) -> int:
        return usual if self.size >= A_FEW else usual // 4

    def compare(self, what: str, ours: Request, floor: Request | None = None) -> Row:
        found, bare = times(ours, floor or self.same(ours), self.rounds_of(ROUNDS))
        ratio = median_ratio(found, bare)
        return Row(what, self.size, statistics.median(found), statistics.median(bare), ratio)

    def someone(self, dice: random.Random) -> tuple[int, str]:
        """The id and login name of somebody else."""
        with self.store.session() as session:
            count = session.scalar(select(func.count()).select_from(PersonEntity)) or 0
            query = select(PersonEntity.id, PersonEntity.handle).where(
                PersonEntity.id == dice.randint(count // 2, count)
            )
            id, handle = session.execute(query).one()
            return id, handle or ""


R = TypeVar("R")


def measure(
    size: int,
    seed: int,
    measures: Sequence[Callable[[Site], list[R]]],
    databases: Databases,
    progress: Progress,
) -> list[R]:
    store = databases.new(f"pages{size}_{measures[0].__name__}")
    progress.say(f"pages {size:,}: filling the database")
    fill(store, size, seed, lambda n: progress.step("people made", n, size))
    gc.collect()  # what filling left behind is not the pages' to carry
    rows = list[R]()
    with _site(store, size, seed, databases.folder) as site:
        for one in measures:
            progress.say(f"pages {size:,}: {one.__name__.replace('_', ' ')}")
            rows += one(site)
    return rows


@contextmanager
def _site(store: Store, size: int, seed: int, folder: Path) -> Iterator[Site]:
    viewer = next(p for p in people(base_of(size), seed, date.today()) if p.n == VIEWER)
    with store.session() as session:
        give_life(session, viewer.directory_id, seed)
    floor = bare_app(store.url)
    cookie = cookie_of(store.app, viewer.directory_id)
    yield Site(store, floor, size, seed, folder, viewer.directory_id, cookie)
    floor.engine.dispose()
    with store.app.app_context():
        store.app.extensions["sqlalchemy"].engine.dispose()


def people_page(site: Site) -> list[Row]:
    with site.store.session() as session:
        middle = select(PersonEntity.sort_key, PersonEntity.id).where(
            PersonEntity.id == site.size // 2
        )
        key, id = session.execute(middle).one()
    first = site.part("/people/")
    return [
        site.compare(f"people, the list ({people_in(first())} rows)", first),
        site.compare("people, the list from the middle", site.part(f"/people/?after={key}~{id}")),
        site.compare("people, the whole first page", site.page("/people/")),
    ]


def profile(site: Site) -> list[Row]:
    _, handle = site.someone(random.Random(site.seed))
    return [
        site.compare("a profile", site.page(f"/people/@{handle}")),
        site.compare("a card", site.part(f"/people/@{handle}/card")),
    ]


def meetings(site: Site) -> list[Row]:
    part = site.part("/people/meetings")
    return [site.compare(f"meetings, the partial ({len(part().encode()) / 1000:.0f} kB)", part)]


def badge(site: Site) -> list[Row]:
    path, how = "/people/hellos/badge?n=0", site.cookie | HTMX
    nothing = site.bare("/nothing/1", status=204)
    return [site.compare("the badge", request(site.ours, path, how, status=204), nothing)]


def photos(site: Site) -> list[Row]:
    id, _ = site.someone(random.Random(site.seed))
    keep_photo(site, id)
    path, bare = f"/people/photos/{DIGEST}/128.webp", f"/photo/{DIGEST}/128"
    kept = site.cookie | {"If-None-Match": f'"{DIGEST}-128"'}
    return [
        site.compare("a photo (3 kB)", site.page(path), site.bare(bare)),
        site.compare(
            "a photo that the browser has",
            request(site.ours, path, kept, status=304),
            site.bare("/kept/1", status=304),
        ),
    ]


def keep_photo(site: Site, person_id: int) -> None:
    with site.store.session() as session:
        if session.get(Photo, (DIGEST, 128)) is None:
            session.get_one(PersonEntity, person_id).photo_digest = DIGEST
            session.execute(insert(Photo), [{"digest": DIGEST, "size": 128, "data": PHOTO}])
            session.commit()


def writes(site: Site) -> list[Row]:
    """Plain forms. Each round follows somebody else, or is a hi of somebody else to the viewer."""
    rounds = site.rounds_of(ROUNDS) + 1
    with site.store.session() as session:
        others = select(PersonEntity.id, PersonEntity.handle, PersonEntity.directory_id).where(
            PersonEntity.handle.is_not(None)
        )
        some = session.execute(
            others.where(PersonEntity.directory_id != site.viewer)
            .order_by(PersonEntity.id.desc())
            .limit(rounds)
        ).all()
        key = meet_all(session, site.viewer, [row.id for row in some])
        me = session.scalars(
            select(PersonEntity.handle).where(PersonEntity.directory_id == site.viewer)
        ).one()
    token = token_of(site.page("/people/search?q=a")())
    follow = [_form(site, f"/people/@{row.handle}/follow", site.cookie, token) for row in some]
    hellos = []
    for row in some:
        cookie = cookie_of(site.ours, row.directory_id)
        token = token_of(request(site.ours, "/people/search?q=a", cookie)())
        path = f"/people/meetings/{key}/hi/{me}"
        hellos.append(_form(site, path, cookie, token, line="Looking forward to it"))
    bare = site.bare("/write", status=303, form={"line": "Looking forward to it"})
    return [
        site.compare("follow", _in_turn(follow), bare),
        site.compare("say hi", _in_turn(hellos), bare),
    ]


def _form(site: Site, path: str, cookie: dict[str, str], token: str, **form: str) -> Request:
    return request(site.ours, path, cookie, status=303, form={"csrf_token": token, **form})


def _in_turn(requests: Sequence[Request]) -> Request:
    left = iter(requests)
    return lambda: next(left)()


def search(site: Site) -> list[Row]:
    """The middle and the slow end of many beginnings of words, each with its own floor.

    Of each query the best time counts: a slow end is of the query, not of the machine.
    """
    dice = random.Random(site.seed)
    staff = list(people(base_of(site.size), site.seed, date.today()))
    ours, bare = list[float](), list[float]()
    for query in (_query(dice, dice.choice(staff)) for _ in range(site.rounds_of(QUERIES))):
        part = site.part(f"/people/search?q={query}")
        taken = times(part, site.same(part), BEST_OF)
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
