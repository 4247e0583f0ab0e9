"""Why somebody was found, where their row does not show it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..i18n.marks import N_
from ..people.person import Person
from ..text import words_of

Reason = tuple[str, str]
"""A label, to be translated, and the text that it stands before."""


def reasons(person: Person, tokens: Sequence[str]) -> list[Reason]:
    """What of a person has those of `tokens` that neither the name nor the summary has."""
    missing = _missing(tokens, f"{person.name} {person.summary}")
    found: list[Reason] = []
    for label, text in _not_shown(person):
        still = _missing(missing, text)
        if still != missing:
            found.append((label, text))
        missing = still
    return found


def _missing(tokens: Sequence[str], text: str) -> Sequence[str]:
    """Those of `tokens` of which no word of `text` begins with."""
    words = words_of(text) if tokens else ()
    return [token for token in tokens if not any(word.startswith(token) for word in words)]


def _not_shown(person: Person) -> Iterator[Reason]:
    """What the index has of a person (people/index.py), the best reason first."""
    yield N_("Name"), f"{person.given_name} {person.surname}"
    for team in (person.team, *person.teams):
        yield N_("Team"), team
    yield N_("Office"), person.office
    yield N_("Login name"), person.handle or ""
    yield N_("Mail"), person.mail.partition("@")[0]
