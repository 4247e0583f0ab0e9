"""Finding people by the beginnings of words, as one types: folded, in any script."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from anyascii import anyascii
from sqlalchemy import select, union_all
from sqlalchemy.orm import Session

from ..people import index
from ..people.person import Person, active

MAX_WORDS, MAX_WORD = 6, 40
_WORD = re.compile(r"[^\W_]+")
_NO_KEY = re.compile(r"[^\w ]")


def fold(text: str) -> str:
    """`text` without case, accents and script, for comparing: Jörg Dreßler is jorg dressler."""
    return text.lower() if text.isascii() else _fold(text)


# Of one person the same name is folded several times.
@lru_cache(1000)
def _fold(text: str) -> str:
    return anyascii(unicodedata.normalize("NFKC", text)).casefold()


def sort_key(name: str) -> str:
    """Where a name stands in a list, whatever its script."""
    folded = fold(name)
    if not folded.replace(" ", "").isalnum():
        folded = _NO_KEY.sub("", folded)
    return folded.strip()[:100]


def words_of(text: str) -> set[str]:
    """The folded words of `text`; O'Brien is found by brien and by obrien."""
    folded = fold(text)
    words = _WORD.findall(folded)
    if "'" in folded or "-" in folded:
        words += _WORD.findall(folded.replace("'", "").replace("-", ""))
    if len(folded) > MAX_WORD:
        words = [w[:MAX_WORD] for w in words]
    return set(words)


@lru_cache(10_000)
def _shared_words(text: str) -> frozenset[str]:
    """Of what many people have in common: parts of names, title, team and place."""
    return frozenset(words_of(text))


def index_words(person: Mapping[str, Any]) -> tuple[str, str, str]:
    """The words that find a person of those values, for each of index.KINDS, in the nearest."""
    names = words_of(person["name"])
    names |= _shared_words(person["given_name"]) | _shared_words(person["surname"])
    handle, mailbox = person["handle"], person["mail"].partition("@")[0]
    logins = words_of(handle if handle == mailbox else f"{handle} {mailbox}") - names
    texts = (person["title"], person["team"], *person["teams"], person["office"], person["city"])
    work = set[str]().union(*[_shared_words(t) for t in texts if t]) - names - logins
    return " ".join(names), " ".join(logins), " ".join(work)


def search(session: Session, query: str, limit: int = 25) -> Sequence[Person]:
    """The active people of whom every word of `query` begins a word, names first.

    `query` is taken as typed, of any length and script; only its first six words count.
    """
    tokens = tokens_of(query)
    if not tokens:
        return []
    first, *rest = sorted(tokens, key=len, reverse=True)
    # Each kind on its own, so that a name is found before a hundred titles.
    kinds = (index.found(session, first, rest, kind).subquery() for kind in index.KINDS)
    candidates = union_all(*(select(kind) for kind in kinds)).subquery()
    matches = (
        select(Person)
        .join(candidates, index.belongs(candidates.c.rowid))
        .where(active())
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
