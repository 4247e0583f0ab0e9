"""After a meeting: whether two people who said hi to each other met. Both are asked."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from ..i18n.texts import gettext
from ..people.person import Person
from ..signals import met, send
from .hello import Hello, HiRefused, check_not_hidden


def we_met(session: Session, viewer: Person, hello: Hello, now: datetime) -> None:
    """Record that the viewer says that they met. Commits.

    The signal is sent once both have said so, and only once. Raises HiRefused before the end of
    the meeting, and where nobody answered.
    """
    check_not_hidden(viewer)
    if hello.replied_at is None or hello.withdrawn_at:
        raise HiRefused(gettext("That comes after a hi and a hi back."))
    if hello.ends_at > now:
        raise HiRefused(gettext("That meeting is not over yet."))
    _say(session, viewer, hello, now)
    has_both = Hello.sender_met_at.is_not(None) & Hello.receiver_met_at.is_not(None)
    first = session.execute(
        update(Hello)
        .where(Hello.id == hello.id, has_both, Hello.met_at.is_(None))
        .values(met_at=now)
        .returning(Hello.id)
    ).all()
    session.commit()
    session.refresh(hello)
    if first:
        ids = {"sender_id": hello.sender_id, "receiver_id": hello.receiver_id}
        send(session, met, hello_id=hello.id, **ids)


def not_met(session: Session, viewer: Person, hello: Hello) -> None:
    """Undo what the viewer said; what the other said stays. Commits."""
    _say(session, viewer, hello, None)
    session.commit()
    session.refresh(hello)


def _say(session: Session, viewer: Person, hello: Hello, at: datetime | None) -> None:
    column = Hello.sender_met_at if hello.sender_id == viewer.id else Hello.receiver_met_at
    session.execute(update(Hello).where(Hello.id == hello.id).values({column: at}))
