"""The coming meetings in one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ..people.row import PersonRow
from .upcoming import Upcoming


@dataclass(frozen=True)
class Headline:
    """What comes, for a heading.

    new    the viewer meets `people` today, whom they do not know
    known  they know everybody they meet today
    next   there is a meeting in the coming days
    none   there is none
    """

    kind: Literal["new", "known", "next", "none"]
    people: Sequence[PersonRow] = ()

    @property
    def count(self) -> int:
        return len(self.people)


def headline(week: Upcoming) -> Headline:
    """Large meetings do not count: nobody meets 120 people at an all-hands."""
    today = [m for m in week.meetings if m.day == week.today and m.meeting.is_small]
    new = {g.person.id: g.person for m in today for g in m.to_meet if not g.is_known}
    if new:
        return Headline("new", [*new.values()])
    if any(m.known for m in today):
        return Headline("known")
    return Headline("next" if week.meetings else "none")
