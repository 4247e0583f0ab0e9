"""Finding people by the beginnings of words, as one types.

A row per folded word and person, in an index that PostgreSQL and SQLite both walk as a
range: the cost of a search follows what it shows, not the size of the company.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from anyascii import anyascii
from sqlalchemy import ColumnElement, Select, literal, select, union_all
from sqlalchemy.orm import Session, aliased

from .person import Person, Word

NAME, LOGIN, WORK = 0, 1, 2
"""What a word is of: the name first, then mail and login name, then title, team and place."""
MAX_WORDS, MAX_WORD = 6, 40
CANDIDATES = 200
_WORD = re.compile(r"\w+")


def fold(text: str) -> str:
    """`text` without case, accents and script, for comparing: Jörg Dreßler is jorg dressler."""
    return anyascii(unicodedata.normalize("NFKC", text)).casefold()


def sort_key(name: str) -> str:
    """Where a name stands in a list, whatever its script."""
    return re.sub(r"[^\w ]", "", fold(name)).strip()[:100]


def words_of(text: str) -> set[str]:
    """The folded words of `text`; O'Brien is found by brien and by obrien."""
    folded = fold(text)
    joined = folded.replace("'", "").replace("-", "")
    return {w[:MAX_WORD] for t in (folded, joined) for w in _WORD.findall(t)}


def index_words(person: Mapping[str, Any]) -> dict[str, int]:
    """Every word that finds a person of those values, with its lowest weight."""
    found: dict[str, int] = {}
    for weight, texts in (
        (NAME, (person["name"], person["given_name"], person["surname"])),
        (LOGIN, (person["handle"], person["mail"].partition("@")[0])),
        (WORK, (person["title"], person["team"], person["office"], person["city"])),
    ):
        for word in words_of(" ".join(texts)):
            found.setdefault(word, weight)
    return found


def search(session: Session, query: str, limit: int = 25) -> Sequence[Person]:
    """The active people of whom every word of `query` begins a word, names first.

    `query` is taken as typed, of any length and script; only its first six words count.
    """
    tokens = tokens_of(query)
    if not tokens:
        return []
    first, *rest = sorted(tokens, key=len, reverse=True)
    candidates = union_all(
        *(
            # Each weight on its own, so that a name is found before a hundred titles.
            select(found.c.person_id, found.c.weight)
            for weight in (NAME, LOGIN, WORK)
            for found in [_beginning(first, weight, rest).subquery()]
        )
    ).subquery()
    matches = (
        select(Person)
        .join(candidates, candidates.c.person_id == Person.id)
        .where(Person.left_at.is_(None))
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


def _beginning(token: str, weight: int, rest: Iterable[str]) -> Select[int, int]:
    query = (
        select(Word.person_id, literal(weight).label("weight"))
        .where(Word.weight == weight, *_range(Word, token))
        .order_by(Word.word, Word.person_id)
        .limit(CANDIDATES)
    )
    for other in rest:
        word = aliased(Word)
        query = query.where(
            select(word.person_id)
            .where(word.person_id == Word.person_id, *_range(word, other))
            .exists()
        )
    return query


def _range(word: type[Word], token: str) -> tuple[ColumnElement[bool], ...]:
    # Folded words are ASCII: DEL sorts behind all of them.
    return word.word >= token, word.word < token + "\x7f"
