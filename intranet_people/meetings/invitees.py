"""Whom a calendar's attendees are: people by their address, guests by name, and who is nobody."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import String, delete, func, literal, select, update
from sqlalchemy.orm import Session

from ..calendars.source import Attendee, CalendarEvent
from ..db.rows import chunks
from ..people.person import Person
from ..text import fold, one_line, words_of
from .addresses import folded, ids_by_mail
from .guests import Guest, GuestList, Invitee, Invitees
from .meeting import OUTDATED, Calendar, Meeting

REMEMBERED = 100_000  # attendees
LONG = 8
"""Of so many letters a mailbox of one word is a whole name, and no first name that many have."""
Words = frozenset[str]
_ADDRESS = re.compile(r"([^\s@]+)@\S+")
_NUMBER = re.compile(r"~\d+$")
_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_JOINTS = re.compile(r"['-]")
_AS_TWO = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})


class HiddenNames:
    """How calendars may name people who are hidden, and addresses of theirs.

    Calendars know people by addresses that the directory does not have, and write names their own
    way: "Raman, Priya (Legal)".
    """

    def __init__(self, session: Session) -> None:
        """Of all who are hidden, also of those who have left."""
        self._mails = set[str]()
        self._alone = set[Words]()
        """What a name or a mailbox is as a whole: `danawhitfield`, 王小明."""
        self._among = defaultdict[str, set[Words]](set)
        """What a name has among other words, each under its longest word."""
        columns = (Person.mail, Person.handle, Person.name, Person.given_name, Person.surname)
        for mail, handle, *names in session.execute(select(*columns).where(Person.is_hidden)):
            self._mails |= {folded(mail)} - {""}
            self._add(*names)
            for login in (_NUMBER.sub("", handle or ""), _mailbox(mail)):
                for words in _spellings(login):
                    # Initials are those of too many.
                    is_name = sum(len(word) > 2 for word in words) > 1
                    self._take(words, is_name=is_name)

    def _add(self, name: str, given_name: str, surname: str) -> None:
        for text in (name, f"{given_name} {surname}"):
            for words in _spellings(text):
                self._take(words, is_name=True)
        for text in (given_name + surname, surname + given_name):
            for words in _spellings("".join(text.split())):
                self._take(words, is_name=True)

    def _take(self, words: Words, *, is_name: bool) -> None:
        if len(words) == 1:
            self._alone.add(words)
        elif words and is_name:
            self._among[max(words, key=len)].add(words)

    def __bool__(self) -> bool:
        return bool(self._mails or self._alone or self._among)

    def include(self, name: str, mail: str = "") -> bool:
        """Whether this is one of them, by what a calendar says of an attendee."""
        if folded(mail) in self._mails:
            return True
        mailbox = _mailbox(mail)
        return self._is_one(name) or (bool(mailbox) and self._is_one(mailbox, not name))

    def _is_one(self, text: str, may_be_one_word: bool = True) -> bool:
        for words in _spellings(_mailbox(text)):
            if any(name <= words for word in words for name in self._among.get(word, ())):
                return True
        alone = _spellings(_BRACKETS.sub(" ", unicodedata.normalize("NFKC", _mailbox(text))))
        return any(
            words in self._alone and (may_be_one_word or len(*words) >= LONG) for words in alone
        )


class AddressBook:
    """Who is known by which address, and who is hidden."""

    def __init__(self, session: Session) -> None:
        self.ids = ids_by_mail(session)
        self._hidden_ids = set(session.scalars(select(Person.id).where(Person.is_hidden)))
        self._hidden_names = HiddenNames(session)
        self._answers: dict[object, Invitees] = {}
        self._remembered = 0

    def people_in(self, m: CalendarEvent) -> Invitees:
        """Who is in a meeting, each once; without who is hidden.

        The organizer is one of them, unless they have declined their own meeting; first, unless
        they are an attendee as well.
        """
        # An all-hands comes once with each calendar.
        asked = (m.organizer, m.attendees)
        if asked not in self._answers:
            self._remembered += len(m.attendees)
            if self._remembered > REMEMBERED:
                self._answers.clear()
                self._remembered = len(m.attendees)
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
    hidden = HiddenNames(session)
    if not hidden:
        return
    from_outside = Guest.person_id.is_(None)
    names = session.scalars(select(Guest.name).where(from_outside).distinct())
    theirs = Guest.person_id.in_(select(Person.id).where(Person.is_hidden))
    called = (from_outside & Guest.name.in_(n) for n in chunks([*filter(hidden.include, names)]))
    found = [theirs, *called]
    lists = {id for some in found for id in session.scalars(select(Guest.list_id).where(some))}
    # Calendars first, as whoever reads them does: else each would wait for the other.
    for list_ids in chunks(sorted(lists)):
        owners = select(Meeting.owner_id).where(Meeting.guest_list_id.in_(list_ids))
        outdated = update(Calendar).where(Calendar.person_id.in_(owners))
        session.execute(outdated.values(digest=OUTDATED))
    for list_ids in chunks(sorted(lists)):
        for some in found:
            session.execute(delete(Guest).where(some, Guest.list_id.in_(list_ids)))
        _count_again(session, list_ids)


def _count_again(session: Session, list_ids: Collection[int]) -> None:
    """Those who are left; and it is no longer the list that it was."""
    left = select(func.count()).where(Guest.list_id == GuestList.id).scalar_subquery()
    changed = literal("changed ").concat(GuestList.id.cast(String))
    lists = update(GuestList).where(GuestList.id.in_(list_ids))
    session.execute(lists.values(size=left, digest=changed))


def _address(attendee: Attendee) -> str:
    return (attendee.mail or "").lower()


def _mailbox(text: str) -> str:
    """An address without its domain, and without what is behind a plus; other text as it is."""
    address = _ADDRESS.fullmatch(text)
    return address[1].partition("+")[0] if address else text


def _spellings(text: str) -> set[Words]:
    """The words of a name in each way that it is usually written: O'Brien is OBrien and O Brien,
    Müller is Muller and Mueller."""
    found = set[Words]()
    for written in {text, text.lower().translate(_AS_TWO)}:
        plain = fold(written)
        found |= {frozenset(words_of(_JOINTS.sub(between, plain))) for between in ("", " ")}
    return found - {frozenset()}
