"""Why somebody was found, where their row does not show it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..i18n.marks import N_
from ..text import words_of
from .query import Hit

Reason = tuple[str, str]
"""A label, to be translated, and the text that it stands before."""


def reasons(hit: Hit, tokens: Sequence[str]) -> list[Reason]:
    """What of somebody found has those of `tokens` that neither the name nor the summary has."""
    missing = _missing(tokens, f"{hit.person.name} {hit.person.summary}")
    if not missing:
        return []
    found: list[Reason] = []
    for label, text in _not_shown(hit):
        still = _missing(missing, text)
        if still != missing:
            found.append((label, text))
        missing = still
    return found


def _missing(tokens: Sequence[str], text: str) -> Sequence[str]:
    """Those of `tokens` of which no word of `text` begins with."""
    words = words_of(text) if tokens else ()
    return [token for token in tokens if not any(word.startswith(token) for word in words)]


def _not_shown(hit: Hit) -> Iterator[Reason]:
    """What the index has of a person (people/index.py), the best reason first."""
    person = hit.person
    yield N_("Name"), f"{person.given_name} {person.surname}"
    for team in (person.team, *hit.teams):
        yield N_("Team"), team
    yield N_("Office"), person.office
    yield N_("Login name"), person.handle or ""
    yield N_("Mail"), person.mail.partition("@")[0]
