"""The signals that a host can connect to, and how they are sent."""

from __future__ import annotations

import logging

from blinker import NamedSignal, Namespace
from flask import current_app
from sqlalchemy.orm import Session

log = logging.getLogger(__name__)
signals = Namespace()
person_joined = signals.signal("person_joined", "A person came with a sync; sends person_id.")
person_changed = signals.signal("person_changed", "A sync changed a person; sends person_id.")
person_left = signals.signal("person_left", "A sync marked a person as left; sends person_id.")
person_returned = signals.signal("person_returned", "A leaver is back; sends person_id.")
followed = signals.signal("followed", "Sends follower_id, person_id.")
unfollowed = signals.signal("unfollowed", "Sends follower_id, person_id.")
hi_said = signals.signal("hi_said", "Sends hello_id, sender_id, receiver_id.")
hi_answered = signals.signal("hi_answered", "Sends hello_id, sender_id, receiver_id.")
met = signals.signal("met", "Two say that they met; sends hello_id, sender_id, receiver_id.")
sync_finished = signals.signal("sync_finished", "A sync ended; sends status, counts.")

internal = Namespace()
"""Between rooms, not for hosts: the sender is the database session, and a receiver is part of its
transaction."""
meetings_moved = internal.signal(
    "meetings_moved", "A calendar was read anew; sends owner_id, and its meetings by their key."
)


def send(session: Session, signal: NamedSignal, **facts: object) -> None:
    """Call each receiver, whatever the others do: what it tells of is done and committed.

    An exception is logged. It may have left the session within a failed statement, so that is
    rolled back, unless there was something of the host's pending before.
    """
    app = current_app._get_current_object() if current_app else None  # type: ignore[attr-defined]
    for receiver in signal.receivers_for(app):
        is_pending = session.in_transaction()
        try:
            receiver(app, **facts)
        except Exception:
            log.exception("A receiver of %s failed; the action itself is done.", signal.name)
            if not is_pending:
                session.rollback()
