"""Who follows whom. Here because `visible` needs it: followers still see people who have left."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ForeignKey, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ..clock import now
from ..db.base import Base
from ..db.types import UTCDateTime
from .person import Person


class Follow(Base):
    __tablename__ = "people_follow"

    follower_id: Mapped[int] = mapped_column(
        ForeignKey(Person.id, ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[int] = mapped_column(
        ForeignKey(Person.id, ondelete="CASCADE"), primary_key=True, index=True
    )
    since: Mapped[datetime] = mapped_column(UTCDateTime, default=now)


_AMONG = select(Follow.person_id).where(
    Follow.follower_id == bindparam("viewer_id"),
    Follow.person_id.in_(bindparam("ids", expanding=True)),
)


def following_among(session: Session, viewer: Person, ids: Iterable[int]) -> set[int]:
    """Which of `ids` the viewer follows: one query for a whole list."""
    return set(session.scalars(_AMONG, {"viewer_id": viewer.id, "ids": [*ids]}))
