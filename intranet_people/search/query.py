"""Finding people by the beginnings of words, as one types: folded, in any script."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from sqlalchemy import select, union_all
from sqlalchemy.orm import Session

from ..people import index
from ..people.person import Person
from ..people.visible import visible_to
from ..text import _WORD, MAX_WORD, MAX_WORDS, fold


def search(session: Session, viewer: Person, query: str, limit: int = 25) -> Sequence[Person]:
    """Those whom the viewer may see and of whom every word of `query` begins one, names first.

    `query` is taken as typed, of any length and script; only its first six words count.
    """
    tokens = tokens_of(query)
    if not tokens:
        return []
    first, *rest = sorted(tokens, key=len, reverse=True)
    # Each kind on its own, so that a name is found before a hundred titles.
    shown = visible_to(viewer)
    kinds = (index.found(session, first, rest, kind, shown).subquery() for kind in index.KINDS)
    candidates = union_all(*(select(kind) for kind in kinds)).subquery()
    matches = (
        select(Person)
        .join(candidates, candidates.c.id == Person.id)
        .order_by(candidates.c.weight, Person.sort_key, Person.id)
        .limit(limit * 3)
    )
    return list(dict.fromkeys(session.scalars(matches)))[:limit]


def tokens_of(query: str) -> list[str]:
    """The folded words to look for, each once."""
    # Of a whole mail address the name counts: the rest is the same for everybody.
    words = _WORD.findall(fold(re.sub(r"@\S*", "", query[:200])))
    return list(dict.fromkeys(w[:MAX_WORD] for w in words))[:MAX_WORDS]


def matched(text: str, tokens: Iterable[str]) -> list[tuple[str, bool]]:
    """`text` in pieces, each with whether one of `tokens` begins it, to be marked."""
    pieces = re.split(r"(\w+)", text)
    prefixes = tuple(tokens)
    return [(p, bool(prefixes) and fold(p).startswith(prefixes)) for p in pieces if p]
