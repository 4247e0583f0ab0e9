"""Whom a calendar's attendees are: people by their address, guests by name, and who is nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..calendars.source import Attendee, CalendarEvent
from ..people.person import Person
from ..text import one_line, words_of
from .addresses import folded, ids_by_mail

Invitee = tuple[int | None, str]
"""The id of a person, None for a guest; and the name that the calendar gives them."""


@dataclass(frozen=True)
class AddressBook:
    """Who is known by which address, and who is hidden.

    mails  of those who are hidden, also of who has left: folded
    names  of theirs, each as its words: calendars name people by addresses that the directory does
           not tell, too
    """

    ids: Mapping[str, int]
    hidden: frozenset[int] = frozenset()
    mails: frozenset[str] = frozenset()
    names: frozenset[frozenset[str]] = frozenset()

    @classmethod
    def of(cls, session: Session) -> AddressBook:
        query = select(Person.id, Person.mail, Person.name, Person.given_name, Person.surname)
        rows = session.execute(query.where(Person.is_hidden)).all()
        names = {frozenset(words_of(text)) for r in rows for text in (r[2], f"{r[3]} {r[4]}")}
        return cls(
            ids_by_mail(session),
            frozenset(id for id, *_ in rows),
            frozenset(folded(mail) for _, mail, *_ in rows if mail),
            frozenset(names - {frozenset()}),
        )

    def people_in(self, m: CalendarEvent) -> list[Invitee]:
        """Who is in a meeting, each once; without who is hidden.

        The organizer is one of them, unless they have declined their own meeting; first, unless
        they are an attendee as well.
        """
        found: dict[object, Invitee] = {}
        everyone = m.attendees
        if m.organizer and m.organizer.partstat != "DECLINED":
            is_listed = _mail(m.organizer) in {_mail(a) for a in m.attendees if a.mail}
            everyone = m.attendees if is_listed else (m.organizer, *m.attendees)
        for attendee in everyone:
            mail = _mail(attendee)
            id, name = self.ids.get(mail), one_line(attendee.name) or mail.partition("@")[0]
            if not self._hides(id, mail, name):
                # Two addresses may be one person's; two without an address are told apart by name.
                found.setdefault(id or mail or ("named", name), (id, name))
        return list(found.values())

    def _hides(self, id: int | None, mail: str, name: str) -> bool:
        """An address that somebody hidden shares with others is nobody's: it may be theirs."""
        if id is not None or not self.hidden:
            return id in self.hidden
        return folded(mail) in self.mails or frozenset(words_of(name)) in self.names


def _mail(attendee: Attendee) -> str:
    return (attendee.mail or "").lower()
