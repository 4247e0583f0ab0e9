"""Following and unfollowing. Nobody can see who follows anybody, or how many do."""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy.orm import Session

from ..clock import now
from ..db.rows import insert_once
from ..people.follow import Follow, following_among
from ..people.person import Person
from ..signals import followed, send, unfollowed


def follow(session: Session, viewer: Person, person: Person) -> bool:
    """Whether the viewer follows the person now. Commits.

    Once followed, following again changes nothing. Nobody follows themselves, nor somebody who has
    left; but a follower stays one.
    """
    if viewer.id == person.id:
        return False
    if not person.is_active:
        return is_following(session, viewer, person)
    ids = {"follower_id": viewer.id, "person_id": person.id}
    is_new = insert_once(session, Follow, **ids, since=now()) is not None
    session.commit()
    if is_new:
        send(session, followed, **ids)
    return True


def unfollow(session: Session, viewer: Person, person: Person) -> None:
    """Commits; unfollowing somebody not followed changes nothing."""
    ids = {"follower_id": viewer.id, "person_id": person.id}
    gone = session.execute(delete(Follow).filter_by(**ids).returning(Follow.person_id)).all()
    session.commit()
    if gone:
        send(session, unfollowed, **ids)


def is_following(session: Session, viewer: Person, person: Person) -> bool:
    return bool(following_among(session, viewer, [person.id]))
