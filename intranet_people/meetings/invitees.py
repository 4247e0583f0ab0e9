"""Whom a calendar's attendees are: people by their address, guests by name, and who is nobody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from sqlalchemy import String, delete, func, literal, select, update
from sqlalchemy.orm import Session

from ..calendars.source import Attendee, CalendarEvent
from ..db.rows import chunks
from ..people.person import Person
from ..text import one_line, words_of
from .addresses import folded, ids_by_mail
from .guests import Guest, GuestList, Invitee, Invitees
from .meeting import OUTDATED, Calendar, Meeting

REMEMBERED = 500  # guest lists
Words = frozenset[str]


@dataclass(frozen=True)
class HiddenNames:
    """How calendars may name people who are hidden, and addresses of theirs.

    Calendars know people by addresses that the directory does not have, and write names their own
    way: "Raman, Priya (Legal)".
    """

    mails: frozenset[str] = frozenset()
    by_word: Mapping[str, Collection[Words]] = field(default_factory=dict)
    """Their names as words, each under its longest word."""

    @classmethod
    def of(cls, session: Session) -> HiddenNames:
        """Of all who are hidden, also of those who have left."""
        query = select(Person.mail, Person.handle, Person.name, Person.given_name, Person.surname)
        mails, by_word = set[str](), defaultdict[str, set[Words]](set)
        for mail, handle, name, given_name, surname in session.execute(
            query.where(Person.is_hidden)
        ):
            mails.add(folded(mail))
            for text in (name, f"{given_name} {surname}", handle or "", _mailbox(mail)):
                for words in filter(None, _spellings(text)):
                    by_word[max(words, key=len)].add(words)
        return cls(frozenset(mails - {""}), by_word)

    def __bool__(self) -> bool:
        return bool(self.mails or self.by_word)

    def include(self, name: str, mail: str = "") -> bool:
        """Whether this is one of them, by what a calendar says of an attendee.

        A name of two or more words is theirs among others too; a single word only alone.
        """
        if folded(mail) in self.mails:
            return True
        texts = {_mailbox(name), _mailbox(mail)} if mail else {_mailbox(name)}
        return any(self._is_one(frozenset(words_of(t)), t == _mailbox(name)) for t in texts)

    def _is_one(self, words: Words, is_name: bool) -> bool:
        names = (name for word in words for name in self.by_word.get(word, ()))
        return any(name <= words if len(name) > 1 else is_name and name == words for name in names)


class AddressBook:
    """Who is known by which address, and who is hidden."""

    def __init__(self, session: Session) -> None:
        self.ids = ids_by_mail(session)
        self._hidden_ids = set(session.scalars(select(Person.id).where(Person.is_hidden)))
        self._hidden_names = HiddenNames.of(session)
        self._answers: dict[object, Invitees] = {}

    def people_in(self, m: CalendarEvent) -> Invitees:
        """Who is in a meeting, each once; without who is hidden.

        The organizer is one of them, unless they have declined their own meeting; first, unless
        they are an attendee as well.
        """
        # An all-hands comes once with each calendar.
        asked = (m.organizer, m.attendees)
        if asked not in self._answers:
            if len(self._answers) >= REMEMBERED:
                self._answers.clear()
            self._answers[asked] = self._people_in(m)
        return self._answers[asked]

    def _people_in(self, m: CalendarEvent) -> Invitees:
        found: dict[object, Invitee] = {}
        everyone = m.attendees
        if m.organizer and m.organizer.partstat != "DECLINED":
            is_listed = _address(m.organizer) in {_address(a) for a in m.attendees if a.mail}
            everyone = m.attendees if is_listed else (m.organizer, *m.attendees)
        for attendee in everyone:
            mail = _address(attendee)
            id, name = self.ids.get(mail), one_line(attendee.name) or _mailbox(mail)
            if not self._hides(id, mail, name):
                # Two addresses may be one person's; two without an address are told apart by name.
                found.setdefault(id or mail or ("named", name), (id, name))
        return tuple(found.values())

    def _hides(self, id: int | None, mail: str, name: str) -> bool:
        """An address that somebody hidden shares with others is nobody's: it may be theirs."""
        return id in self._hidden_ids if id is not None else self._hidden_names.include(name, mail)


def drop_hidden(session: Session) -> None:
    """Take people who are hidden out of the meetings that are kept, guests by name as well: a
    calendar that cannot be read just now would go on naming them. The caller commits."""
    hidden = HiddenNames.of(session)
    if not hidden:
        return
    from_outside = Guest.person_id.is_(None)
    names = session.scalars(select(Guest.name).where(from_outside).distinct())
    theirs = select(Person.id).where(Person.is_hidden)
    for found in (
        Guest.person_id.in_(theirs),
        *(from_outside & Guest.name.in_(n) for n in chunks([*filter(hidden.include, names)])),
    ):
        for list_ids in chunks(session.scalars(select(Guest.list_id).where(found)).all()):
            session.execute(delete(Guest).where(found, Guest.list_id.in_(list_ids)))
            _count_again(session, list_ids)


def _count_again(session: Session, list_ids: Collection[int]) -> None:
    """Those who are left; and whatever is read next is new, as somebody may be shown again."""
    left = select(func.count()).where(Guest.list_id == GuestList.id).scalar_subquery()
    changed = literal("changed ").concat(GuestList.id.cast(String))
    lists = update(GuestList).where(GuestList.id.in_(list_ids))
    session.execute(lists.values(size=left, digest=changed))
    owners = select(Meeting.owner_id).where(Meeting.guest_list_id.in_(list_ids))
    session.execute(update(Calendar).where(Calendar.person_id.in_(owners)).values(digest=OUTDATED))


def _address(attendee: Attendee) -> str:
    return (attendee.mail or "").lower()


def _mailbox(text: str) -> str:
    """An address without its domain; other text as it is."""
    return text.partition("@")[0]


def _spellings(text: str) -> Iterator[Words]:
    """The words of a name, with its parts joined and apart: O'Brien is OBrien and O Brien."""
    for between in ("", " "):
        yield frozenset(words_of(text.replace("'", between).replace("-", between)))
