"""Finding people by the beginnings of words, as one types: folded, in any script."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from functools import cache, lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Integer, Select, bindparam, case, func, select, union_all
from sqlalchemy.orm import Session

from ..people import index
from ..people.listing import IS_FOLLOWED
from ..people.person import Person
from ..people.row import COLUMNS, WIDTH, PersonRow
from ..people.visible import VIEWER, visible_to
from ..text import _WORD, MAX_WORD, MAX_WORDS, fold, one_line, words_of

NEAR, ALIKE = 40, 0.6
"""How many names of each beginning are compared, and how like they must be."""

MAX_TYPED = 200


class Hit(NamedTuple):
    """Somebody who was found, whether the viewer follows them, and what their row does not show."""

    person: PersonRow
    is_followed: bool
    teams: list[str]


_IS_SHOWN = visible_to(VIEWER)
_HIT = (*COLUMNS, IS_FOLLOWED, Person.teams)


def search(session: Session, viewer: Person, query: str, limit: int = 25) -> Sequence[Hit]:
    """Those whom the viewer may see and of whom every word of `query` begins one, names first.
    Before them, if `query` is a whole team, its members.

    `query` is taken as typed, of any length and script; only its first six words count.
    """
    tokens = tokens_of(query)
    if not tokens:
        return []
    dialect = session.get_bind().dialect.name
    first, *rest = sorted(tokens, key=len, reverse=True)
    values: dict[str, object] = {
        kind: index.terms(dialect, first, rest, kind) for kind in index.KINDS
    }
    values |= {"team": index.team_terms(dialect, one_line(query, MAX_TYPED))}
    # Somebody may be found by each of the kinds.
    values |= {"viewer_id": viewer.id, "some": limit * (len(index.KINDS) + 1), "enough": limit}
    found: dict[int, Hit] = {}
    for row in session.execute(_search(dialect), values):
        found.setdefault(row[0], Hit(PersonRow(*row[:WIDTH]), *row[WIDTH:]))
    return [*found.values()][:limit]


@cache
def _search(dialect: str) -> Select[Any]:
    """Each kind on its own, so that a name is found before a hundred titles; and kinds other than
    the name only where it is not the name of enough people."""
    names, *others = (index.found(dialect, kind, _IS_SHOWN, kind) for kind in index.KINDS)
    by_name = names.cte("by_name")
    count = select(func.count()).select_from(by_name).scalar_subquery()
    # As a condition, SQLite would ask it of every match.
    few = case((count < bindparam("enough", type_=Integer), index.CANDIDATES), else_=0)
    kinds = (index.in_team(dialect, _IS_SHOWN, "team"), *(kind.limit(few) for kind in others))
    parts = (by_name, *(kind.subquery() for kind in kinds))
    candidates = union_all(*map(select, parts)).subquery()
    return (
        select(*_HIT)
        .join(candidates, candidates.c.id == Person.id)
        .order_by(candidates.c.weight, Person.sort_key, Person.id)
        .limit(bindparam("some", type_=Integer))
    )


def nearest(session: Session, viewer: Person, query: str, limit: int = 5) -> Sequence[Hit]:
    """Those whose names are most like `query`, which finds nobody; none if no name is like it."""
    tokens = sorted(tokens_of(query), key=len, reverse=True)[:3]
    # What is mistyped is seldom the beginning.
    beginnings = {word[:n] for word in tokens for n in (len(word), len(word) // 2, 2, 1) if n}
    if not beginnings:
        return []
    dialect = session.get_bind().dialect.name
    values = {f"b{n}": index.terms(dialect, b, [], "names") for n, b in enumerate(beginnings)}
    some = (index.found(dialect, "names", _IS_SHOWN, name, NEAR) for name in values)
    ids = union_all(*(select(kind.subquery().c.id) for kind in some))
    rows = session.execute(
        select(*_HIT).where(Person.id.in_(ids)), {"viewer_id": viewer.id, **values}
    )
    hits = [Hit(PersonRow(*row[:WIDTH]), *row[WIDTH:]) for row in rows]
    likeness = {hit.person.id: _likeness(hit.person, tokens) for hit in hits}
    like = [hit for hit in hits if likeness[hit.person.id] > ALIKE]
    return sorted(like, key=lambda h: (-likeness[h.person.id], h.person.sort_key, h.person.id))[
        :limit
    ]


def _likeness(person: PersonRow, tokens: Sequence[str]) -> float:
    """From 0 to 1: how much, on average, the words are like those of the name."""
    words = words_of(f"{person.name} {person.given_name} {person.surname}")
    best = (max((_alike(t, w) for w in words if w[0] == t[0]), default=0.0) for t in tokens)
    return sum(best) / len(tokens)


@lru_cache(1000)
def _alike(typed: str, word: str) -> float:
    return SequenceMatcher(None, word, typed).ratio()


def tokens_of(query: str) -> list[str]:
    """The folded words to look for, each once."""
    # Of a whole mail address the name counts: the rest is the same for everybody.
    words = _WORD.findall(fold(re.sub(r"@\S*", "", query[:MAX_TYPED])))
    return list(dict.fromkeys(w[:MAX_WORD] for w in words))[:MAX_WORDS]


def matched(text: str, tokens: Iterable[str]) -> list[tuple[str, bool]]:
    """`text` in pieces, each with whether one of `tokens` begins it, to be marked."""
    pieces = re.split(r"(\w+)", text)
    prefixes = tuple(tokens)
    return [(p, bool(prefixes) and fold(p).startswith(prefixes)) for p in pieces if p]
