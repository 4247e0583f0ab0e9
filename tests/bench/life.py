"""What people do, around one viewer: whom they follow, whom they meet."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from intranet_people.clock import now
from intranet_people.meetings.guest_lists import Guest, GuestList
from intranet_people.meetings.meeting import Meeting
from intranet_people.people.follow import Follow
from intranet_people.people.person import Person

FOLLOWED = 20
WEEK, PAST = 10, 40
"""Meetings of each calendar in the coming week, and in the month that is over."""
INVITED = 8
ALL_HANDS = 200
CALENDARS, ONE_IN = 300, 3
"""Colleagues who have a calendar as well, so that the tables are not the viewer's alone: one in
three, and no more than so many."""


def give_life(session: Session, viewer_directory_id: str, seed: int) -> None:
    """Commits. Meetings are written as rows: what reading a calendar costs is not the page's."""
    dice, moment = random.Random(seed), now()
    viewer = session.scalars(
        select(Person.id).where(Person.directory_id == viewer_directory_id)
    ).one()
    others = session.scalars(select(Person.id).where(Person.id != viewer).order_by(Person.id)).all()
    followed = dice.sample(others, FOLLOWED)
    rows = [{"follower_id": viewer, "person_id": id, "since": moment} for id in followed]
    session.execute(insert(Follow), rows)
    meetings, lists, guests = list[dict[str, Any]](), list[dict[str, Any]](), list[dict[str, Any]]()
    for owner in [viewer, *dice.sample(others, min(CALENDARS, len(others) // ONE_IN))]:
        for n in range(-PAST, WEEK + 1):
            size = ALL_HANDS - 1 if n == WEEK else INVITED
            meetings.append(_meeting(len(meetings) + 1, owner, n, size + 1, moment))
            invited = dict.fromkeys([owner, *dice.sample(others, size)])
            lists.append({"id": len(meetings), "digest": str(len(meetings)), "size": len(invited)})
            guests += (
                {"list_id": len(meetings), "position": n, "person_id": id, "name": ""}
                for n, id in enumerate(invited)
            )
    session.execute(insert(GuestList), lists)
    session.execute(insert(Guest), guests)
    session.execute(insert(Meeting), meetings)
    session.commit()


def meet_all(session: Session, viewer_directory_id: str, others: Sequence[int]) -> str:
    """One meeting of the viewer and `others`, in the calendars of all; its key. Commits."""
    viewer = session.scalars(
        select(Person.id).where(Person.directory_id == viewer_directory_id)
    ).one()
    everybody = [viewer, *others]
    list_id = (session.scalar(select(func.max(GuestList.id))) or 0) + 1
    first = (session.scalar(select(func.max(Meeting.id))) or 0) + 1
    session.execute(insert(GuestList), [{"id": list_id, "digest": "all", "size": len(everybody)}])
    guests = [
        {"list_id": list_id, "position": n, "person_id": id, "name": ""}
        for n, id in enumerate(everybody)
    ]
    session.execute(insert(Guest), guests)
    shared = {"key": "a" * 32, "guest_list_id": list_id}
    meetings = [
        _meeting(first + n, owner, 3, len(everybody), now()) | shared
        for n, owner in enumerate(everybody)
    ]
    session.execute(insert(Meeting), meetings)
    session.commit()
    return str(shared["key"])


def _meeting(id: int, owner: int, n: int, size: int, moment: datetime) -> dict[str, Any]:
    """The `n`th from now: two a day, those before 0 are over."""
    begins = moment + timedelta(hours=n * 12 + 6)
    return {
        "id": id,
        "owner_id": owner,
        "key": f"{id:032x}",
        "starts_at": begins,
        "ends_at": begins + timedelta(hours=1),
        "title": "All hands" if size >= ALL_HANDS else f"Review {n}",
        "location": "The tide room",
        "guest_list_id": id,
    }
