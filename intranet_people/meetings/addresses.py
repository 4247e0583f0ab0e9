"""The owners of mail addresses. A calendar is only fetched by an address that nobody else has."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Collection

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from ..db.rows import chunks
from ..people.person import Person, active
from .meeting import Calendar, Meeting


def ids_by_mail(session: Session) -> dict[str, int]:
    """Person.id by mail address, without addresses that several people share."""
    rows = session.execute(select(Person.mail, Person.id).where(active(), Person.mail != "")).all()
    count = Counter(comparable_mail(mail) for mail, _ in rows)
    return {mail: id for mail, id in rows if count[comparable_mail(mail)] == 1}


def drop_outdated(session: Session) -> None:
    """Delete meetings that were read by an address that no longer belongs to their owner alone.

    Otherwise people who can edit their own address in the directory could get the meetings of
    others and keep them. The caller commits.
    """
    read_by = session.execute(
        select(Calendar.person_id, Calendar.mail)
        .join(Person, Person.id == Calendar.person_id)
        .where(Calendar.mail != "", active())
    ).all()
    if not read_by:
        return
    ids = ids_by_mail(session)
    outdated = [person_id for person_id, mail in read_by if ids.get(mail) != person_id]
    for owner_ids in chunks(outdated):
        _delete_meetings(session, owner_ids)


def _delete_meetings(session: Session, owner_ids: Collection[int]) -> None:
    session.execute(delete(Meeting).where(Meeting.owner_id.in_(owner_ids)))
    # An empty digest makes the next reading count as changed.
    unread = {"mail": "", "digest": ""}
    session.execute(update(Calendar).where(Calendar.person_id.in_(owner_ids)).values(unread))


def comparable_mail(mail: str) -> str:
    """The address in a form to compare: servers may ignore case, spaces and similar letters."""
    return "".join(unicodedata.normalize("NFKC", mail).casefold().split())
