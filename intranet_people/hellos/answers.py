"""One answer to everybody who said hi before one meeting."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ..i18n.texts import gettext
from ..people.person import Person
from ..people.visible import visible_to
from ..signals import hi_answered, send
from ..text import one_line
from .hello import MAX_LINE, Hello, check_not_hidden


def answer_all(session: Session, viewer: Person, key: str, line: str, now: datetime) -> None:
    """Answer all hellos that wait for the viewer before the meeting of that key, with one line.

    Of people whom the viewer may not see, none is answered. Commits. Raises HiRefused.
    """
    check_not_hidden(viewer)
    seen = select(Person.id).where(visible_to(viewer, by_name=True))
    answered = session.execute(
        update(Hello)
        .where(Hello.receiver_id == viewer.id, Hello.meeting_key == key, Hello.ends_at > now)
        .where(Hello.replied_at.is_(None), Hello.withdrawn_at.is_(None))
        .where(Hello.sender_id.in_(seen))
        .values(reply=one_line(line, MAX_LINE) or gettext("Hi back."), replied_at=now)
        .returning(Hello.id, Hello.sender_id)
    ).all()
    session.commit()
    for id, sender_id in answered:
        send(session, hi_answered, hello_id=id, sender_id=sender_id, receiver_id=viewer.id)
