"""A hello goes with its meeting, when that is moved to another time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..meetings.meeting import Calendar, ends_everywhere
from ..signals import meetings_moved
from .hello import Hello


@meetings_moved.connect
def move_hellos(session: Session, owner_id: int, meetings: Mapping[str, Mapping[str, Any]]) -> None:
    """`meetings` are those of the owner's calendar, by their key; of each `starts_at`, `ends_at`
    and `all_day`.

    The receiver's calendar decides. The sender's can only end it earlier, where the receiver's is
    not known: nobody keeps a hello alive by moving what is theirs to move.
    """
    known = select(Calendar.person_id).where(Calendar.digest != "")
    hellos = select(Hello).where(
        (Hello.receiver_id == owner_id)
        | ((Hello.sender_id == owner_id) & Hello.receiver_id.not_in(known)),
        Hello.meeting_key.in_(meetings),
    )
    for hello in session.scalars(hellos):
        meeting = meetings[hello.meeting_key]
        ends_at = ends_everywhere(meeting["ends_at"], meeting["all_day"])
        if hello.receiver_id == owner_id or ends_at < hello.ends_at:
            hello.starts_at, hello.ends_at = meeting["starts_at"], ends_at
