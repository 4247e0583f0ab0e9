"""After the meeting: either of two people who said hi says that they met."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from ..i18n.texts import gettext
from ..people.person import Person
from ..signals import met, send
from .hello import Hello, HiRefused, check_not_hidden


def we_met(session: Session, viewer: Person, hello: Hello, now: datetime) -> None:
    """Record that the two met. The signal is sent once, however often it is said. Commits.

    Raises HiRefused before the meeting begins, and where nobody answered: to have met is no
    way around an answer that was not given.
    """
    check_not_hidden(viewer)
    if hello.replied_at is None or hello.withdrawn_at:
        raise HiRefused(gettext("That comes after a hi and a hi back."))
    if hello.starts_at > now:
        raise HiRefused(gettext("You have yet to meet."))
    is_first = Hello.met_said_by.is_(None)
    first = session.execute(
        update(Hello)
        .where(Hello.id == hello.id, is_first)
        .values(met_at=now, met_said_by=viewer.id)
        .returning(Hello.id)
    ).all()
    again = update(Hello).where(Hello.id == hello.id, Hello.met_at.is_(None))
    session.execute(again.values(met_at=now, met_said_by=viewer.id))
    session.commit()
    session.refresh(hello)
    if first:
        ids = {"sender_id": hello.sender_id, "receiver_id": hello.receiver_id}
        send(session, met, hello_id=hello.id, **ids)


def not_met(session: Session, viewer: Person, hello: Hello) -> None:
    """Undo what the viewer said; what the other said stays. Commits."""
    session.execute(
        update(Hello)
        .where(Hello.id == hello.id, Hello.met_said_by == viewer.id)
        .values(met_at=None)
    )
    session.commit()
    session.refresh(hello)
