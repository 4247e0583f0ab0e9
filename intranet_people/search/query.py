"""Finding people by the beginnings of words, as one types: folded, in any script."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from functools import lru_cache

from sqlalchemy import select, union_all
from sqlalchemy.orm import Session

from ..people import index
from ..people.person import Person
from ..people.visible import visible_to
from ..text import _WORD, MAX_WORD, MAX_WORDS, fold, one_line, words_of

NEAR, ALIKE = 40, 0.6
"""How many names of each beginning are compared, and how like they must be."""

MAX_TYPED = 200


def search(session: Session, viewer: Person, query: str, limit: int = 25) -> Sequence[Person]:
    """Those whom the viewer may see and of whom every word of `query` begins one, names first.
    Before them, if `query` is a whole team, its members.

    `query` is taken as typed, of any length and script; only its first six words count.
    """
    tokens = tokens_of(query)
    if not tokens:
        return []
    first, *rest = sorted(tokens, key=len, reverse=True)
    # Each kind on its own, so that a name is found before a hundred titles.
    shown = visible_to(viewer)
    kinds = [index.found(session, first, rest, kind, shown) for kind in index.KINDS]
    kinds.append(index.in_team(session, tokens, one_line(query, MAX_TYPED), shown))
    candidates = union_all(*(select(kind.subquery()) for kind in kinds)).subquery()
    matches = (
        select(Person)
        .join(candidates, candidates.c.id == Person.id)
        .order_by(candidates.c.weight, Person.sort_key, Person.id)
        .limit(limit * len(kinds))
    )
    return list(dict.fromkeys(session.scalars(matches)))[:limit]


def nearest(session: Session, viewer: Person, query: str, limit: int = 5) -> Sequence[Person]:
    """Those whose names are most like `query`, which finds nobody; none if no name is like it."""
    tokens = sorted(tokens_of(query), key=len, reverse=True)[:3]
    # What is mistyped is seldom the beginning.
    beginnings = {word[:n] for word in tokens for n in (len(word), len(word) // 2, 2, 1) if n}
    if not beginnings:
        return []
    shown = visible_to(viewer)
    some = (index.found(session, b, [], "names", shown).limit(NEAR) for b in sorted(beginnings))
    ids = union_all(*(select(kind.subquery().c.id) for kind in some))
    people = session.scalars(select(Person).where(Person.id.in_(ids))).all()
    likeness = {person: _likeness(person, tokens) for person in people}
    like = [person for person in people if likeness[person] > ALIKE]
    return sorted(like, key=lambda p: (-likeness[p], p.sort_key, p.id))[:limit]


def _likeness(person: Person, tokens: Sequence[str]) -> float:
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
