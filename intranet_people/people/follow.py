"""Who follows whom. Here because `visible` needs it: followers still see people who have left."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

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
