"""A reason to say hi: what the viewer shares with somebody, and a line made from it.

The reason is shown to the viewer alone, so whom the viewer follows may be one. The line is sent, so
it says nothing that its receiver may not know: not whom the viewer follows, and no field or person
that the receiver may not see. Whom the other follows is neither.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import NamedTuple, Self

from ..i18n.marks import N_
from ..i18n.texts import gettext
from ..people.person import Person
from ..people.row import PersonRow
from .hello import MAX_LINE
from .invited import Invited, Manager

NEW = timedelta(days=30)
"""So long somebody is new, to others who are."""
OFTEN = 3
"""From so many meetings in a week on, it is a reason that two meet often."""
KINDS = ("new", "manager", "team", "often", "city")
"""From the rarest to the most common: decides where two are as rare on a page."""

TEXTS = {
    "new": N_("You both joined this month"),
    "manager": N_("Reports to %(name)s, whom you know"),
    "team": N_("In the same team as %(name)s, whom you follow"),
    "often": N_("In %(num)s of your meetings this week"),
    "city": N_("In %(name)s, like you"),
}
LINES = {
    "new": (
        N_("Hi %(name)s, we are both new here. Looking forward to meeting you."),
        N_("Hi %(name)s, I am new here too. See you there."),
        N_("Hello %(name)s, nice to meet somebody else who is new here."),
    ),
    "manager": (
        N_("Hi %(name)s, %(other)s and I know each other. Looking forward to meeting you too."),
        N_("Hi %(name)s, I know %(other)s. Glad that we get to meet now."),
    ),
    "often": (
        N_("Hi %(name)s, we keep being in the same meetings. Time to say hi."),
        N_("Hi %(name)s, we meet more than once this week. Looking forward to it."),
    ),
    "city": (
        N_("Hi %(name)s, I am in %(other)s too. Looking forward to meeting you."),
        N_("Hello %(name)s, nice to meet somebody else from %(other)s."),
        N_("Hi %(name)s, we are both in %(other)s and have not met yet. See you there."),
    ),
    "": (
        N_("Hi %(name)s, looking forward to meeting you."),
        N_("Hi %(name)s, we have not met yet. See you there."),
        N_("Hello %(name)s, I look forward to putting a face to the name."),
        N_("Hi %(name)s, glad that we meet. See you there."),
    ),
}
"""By kind. Not for "team": it is about whom the viewer follows."""
ANSWERS = (
    N_("Hi back, %(name)s. See you there."),
    N_("Thank you, %(name)s. See you there."),
    N_("Hi %(name)s, thank you for saying hi. See you there."),
)
TO_A_QUESTION = N_("Hi %(name)s, thank you for asking. Let us talk when we meet.")
"""Neither yes nor no."""
QUESTION_MARKS = re.compile("[?؟？]")


@dataclass(frozen=True)
class Reason:
    """What two people share. `other` is the name of a person or a place in it; `first_name` is how
    a line calls that person."""

    kind: str
    other: str = ""
    count: int = 0
    first_name: str = ""

    @property
    def text(self) -> str:
        """In the language of the viewer; "" for no reason."""
        text = TEXTS.get(self.kind)
        return gettext(text, name=self.other, num=self.count) if text else ""


NO_REASON = Reason("")


class Me(NamedTuple):
    """What is asked of the viewer for each of hundreds of people: an entity answers slowly."""

    id: int
    manager_id: int | None
    joined_at: datetime
    team: str
    city: str
    is_hidden: bool

    @classmethod
    def of(cls, viewer: Person) -> Self:
        return cls(*(getattr(viewer, name) for name in cls._fields))


@dataclass(frozen=True)
class Known:
    """What the viewer's side of a reason is."""

    me: Me
    now: datetime
    followed: Sequence[PersonRow] = ()
    """Whom the viewer follows and may see."""
    answered: frozenset[int] = frozenset()
    """Those of whom one answered a hi of the other's."""

    @cached_property
    def _followed_ids(self) -> set[int]:
        return {person.id for person in self.followed}

    @cached_property
    def _mates(self) -> dict[str, PersonRow]:
        """By team the one whom the viewer followed last."""
        return {p.team: p for p in reversed(self.followed) if p.team and p.left_at is None}

    def knows(self, row: Invited) -> bool:
        """Whether the viewer needs no introduction to the person."""
        person = row.person
        if person is None:
            return False
        same_manager = row.manager is not None and row.manager.id == self.me.manager_id
        is_close = same_manager or self._works_with(person.id, row.manager_id)
        return row.has_met or person.id in self.answered or is_close

    def _works_with(self, person_id: int, manager_id: int | None) -> bool:
        """Whether one is the other's manager."""
        return person_id == self.me.manager_id or manager_id == self.me.id

    def _knows_manager(self, row: Invited) -> bool:
        manager = row.manager
        return manager is not None and (
            row.has_met_manager
            or manager.id in self.answered
            or self._works_with(manager.id, manager.manager_id)
        )

    def reasons(self, row: Invited, meetings: int) -> list[Reason]:
        """All that the viewer shares with the person, who is in so many small meetings of the
        viewer's this week."""
        me, person = self.me, row.person
        if person is None or row.joined_at is None:
            return []
        found = []
        if min(me.joined_at, row.joined_at) > self.now - NEW:
            found.append(Reason("new"))
        if row.manager and self._knows_manager(row):
            found.append(_about("manager", row.manager))
        if person.team in self._mates and person.id not in self._followed_ids:
            found.append(_about("team", self._mates[person.team]))
        if meetings >= OFTEN:
            found.append(Reason("often", count=meetings))
        if person.city and person.city == me.city and person.team != me.team:
            found.append(Reason("city", person.city))
        return found


def rarest(shared: Mapping[int, Iterable[Reason]]) -> dict[int, Reason]:
    """For each person one of their reasons: the one that the fewest people of the page have."""
    counts = Counter((r.kind, r.other) for reasons in shared.values() for r in reasons)

    def rank(reason: Reason) -> tuple[int, int]:
        return counts[reason.kind, reason.other], KINDS.index(reason.kind)

    return {id: min(reasons, key=rank, default=NO_REASON) for id, reasons in shared.items()}


def line_to(person: PersonRow, reason: Reason, nth: int) -> str:
    """A line for the viewer to send, made from the reason: the one of that number."""
    kind = reason.kind if reason.kind in LINES else ""
    other = reason.first_name or reason.other
    line = gettext(_one_of(LINES[kind], nth), name=_first_name(person), other=other)
    return line[:MAX_LINE]


def answer_to(person: PersonRow, text: str, nth: int) -> str:
    """A line with which the viewer answers what the person said: the one of that number."""
    line = _one_of(ANSWERS, nth)
    if QUESTION_MARKS.search(text):
        line = TO_A_QUESTION
    return gettext(line, name=_first_name(person))


def _one_of(lines: tuple[str, ...], n: int) -> str:
    return lines[n % len(lines)]


def _about(kind: str, other: PersonRow | Manager) -> Reason:
    return Reason(kind, other.name, first_name=_first_name(other))


def _first_name(person: PersonRow | Manager) -> str:
    return person.given_name or person.name
