"""Whose a mail address is: a calendar is fetched only by one that is its owner's alone."""

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
    """Whom an address belongs to; one that two people share belongs to neither."""
    rows = session.execute(select(Person.mail, Person.id).where(active(), Person.mail != "")).all()
    count = Counter(folded(mail) for mail, _ in rows)
    return {mail: id for mail, id in rows if count[folded(mail)] == 1}


def drop_outdated(session: Session) -> None:
    """Forget the meetings that were read by an address which is no longer their owner's alone.

    Whoever may write their own address in the directory must not keep what another's gave them.
    The caller commits.
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
    for some in chunks(outdated):
        _forget(session, some)


def _forget(session: Session, owner_ids: Collection[int]) -> None:
    session.execute(delete(Meeting).where(Meeting.owner_id.in_(owner_ids)))
    # Without a digest whatever is read next is new, also where it is as it was.
    unread = {"mail": "", "digest": ""}
    session.execute(update(Calendar).where(Calendar.person_id.in_(owner_ids)).values(unread))


def folded(mail: str) -> str:
    """As servers compare addresses: some tell neither case, nor blanks, nor look-alikes apart."""
    return "".join(unicodedata.normalize("NFKC", mail).casefold().split())
