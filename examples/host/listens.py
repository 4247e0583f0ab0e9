"""What this intranet does when it hears of its people: here, a line in its log each.

Receivers get the app, and by name what docs/hosts.md says.
"""

from __future__ import annotations

from typing import Any

from flask import Flask

from intranet_people import (
    Person,
    followed,
    hi_answered,
    hi_said,
    met,
    person_changed,
    person_joined,
    person_left,
    person_returned,
    sync_finished,
    unfollowed,
)


def listen(app: Flask) -> None:
    """To this app alone: there may be more in a process. Receivers are held weakly, so they are
    functions of a module, which stay."""
    for signal, receiver in RECEIVERS:
        signal.connect(receiver, sender=app)


def welcome(app: Flask, person_id: int) -> None:
    app.logger.info("A desk and a key for %s", name(app, person_id))


def print_anew(app: Flask, person_id: int) -> None:
    app.logger.info("A new sign for the door of %s", name(app, person_id))


def say_goodbye(app: Flask, person_id: int) -> None:
    """A host that signs people in itself ends their sessions here."""
    app.logger.info("The key of %s comes back", name(app, person_id))


def note(app: Flask, status: str, counts: dict[str, int]) -> None:
    app.logger.info("The directory was read: %s", status)


def keep_quiet(app: Flask, follower_id: int, person_id: int) -> None:
    """Only they know whom they follow: it is heard of, and written nowhere."""


def ring(app: Flask, hello_id: int, sender_id: int, receiver_id: int) -> None:
    """Where mail or a chat would be sent: that something waits, not what."""
    app.logger.info("Something waits for %s", name(app, receiver_id))


def ring_back(app: Flask, hello_id: int, sender_id: int, receiver_id: int) -> None:
    app.logger.info("Something waits for %s", name(app, sender_id))


def drink_to_it(app: Flask, hello_id: int, sender_id: int, receiver_id: int) -> None:
    app.logger.info("Two more know each other")


def name(app: Flask, person_id: int) -> str:
    person: Any = app.extensions["sqlalchemy"].session.get(Person, person_id)
    return str(person.name)


RECEIVERS = (
    (person_joined, welcome),
    (person_returned, welcome),
    (person_changed, print_anew),
    (person_left, say_goodbye),
    (sync_finished, note),
    (followed, keep_quiet),
    (unfollowed, keep_quiet),
    (hi_said, ring),
    (hi_answered, ring_back),
    (met, drink_to_it),
)
