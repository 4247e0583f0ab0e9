"""Matching of calendar attendees to people by address, without the people who are hidden."""

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
from .addresses import comparable_mail, ids_by_mail
from .guest_lists import Guest, GuestList, Invitee, Invitees
from .meeting import OUTDATED, Calendar, Meeting

CACHE_SIZE = 100_000  # attendees
MIN_FULL_NAME = 8
"""From this length on, a mailbox of one word is a full name rather than a common first name."""
Words = frozenset[str]
_ADDRESS = re.compile(r"([^\s@]+)@\S+")
_NUMBER = re.compile(r"~\d+$")
_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_JOINERS = re.compile(r"['-]")
_TWO_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})


class HiddenNames:
    """The names and addresses by which calendars may mention hidden people.

    Calendars may have addresses that are not in the directory, and names in other spellings, such
    as "Raman, Priya (Legal)".
    """

    def __init__(self, session: Session) -> None:
        """Load all hidden people, including those who have left."""
        self._mails = set[str]()
        self._single_words = set[Words]()
        """Words that are a full name on their own: `danawhitfield`, 王小明."""
        self._names_by_longest_word = defaultdict[str, set[Words]](set)
        """Words that together are a name, by the longest of them; a text may have more words."""
        columns = (Person.mail, Person.handle, Person.name, Person.given_name, Person.surname)
        for mail, handle, *names in session.execute(select(*columns).where(Person.is_hidden)):
            self._mails |= {comparable_mail(mail)} - {""}
            self._add(*names)
            for login in (_NUMBER.sub("", handle or ""), _mailbox(mail)):
                for words in _spellings(login):
                    # Initials and one word would match too many people.
                    is_name = sum(len(word) > 2 for word in words) > 1
                    self._add_words(words, is_name=is_name)

    def _add(self, name: str, given_name: str, surname: str) -> None:
        for text in (name, f"{given_name} {surname}"):
            for words in _spellings(text):
                self._add_words(words, is_name=True)
        for text in (given_name + surname, surname + given_name):
            for words in _spellings("".join(text.split())):
                self._add_words(words, is_name=True)

    def _add_words(self, words: Words, *, is_name: bool) -> None:
        if len(words) == 1:
            self._single_words.add(words)
        elif words and is_name:
            self._names_by_longest_word[max(words, key=len)].add(words)

    def __bool__(self) -> bool:
        return bool(self._mails or self._single_words or self._names_by_longest_word)

    def match(self, name: str, mail: str = "") -> bool:
        """Whether an attendee with this name and address may be one of them."""
        if comparable_mail(mail) in self._mails:
            return True
        mailbox = _mailbox(mail)
        return self._matches(name) or (bool(mailbox) and self._matches(mailbox, not name))

    def _matches(self, text: str, may_be_one_word: bool = True) -> bool:
        for words in _spellings(_mailbox(text)):
            if any(
                name <= words
                for word in words
                for name in self._names_by_longest_word.get(word, ())
            ):
                return True
        spellings = _spellings(_BRACKETS.sub(" ", unicodedata.normalize("NFKC", _mailbox(text))))
        return any(
            words in self._single_words and (may_be_one_word or len(*words) >= MIN_FULL_NAME)
            for words in spellings
        )


class AddressBook:
    """Finds the people of a meeting by their addresses, and leaves out hidden people."""

    def __init__(self, session: Session) -> None:
        self.ids = ids_by_mail(session)
        self._hidden_ids = set(session.scalars(select(Person.id).where(Person.is_hidden)))
        self._hidden_names = HiddenNames(session)
        self._cache: dict[object, Invitees] = {}
        self._cached_attendees = 0

    def people_in(self, m: CalendarEvent) -> Invitees:
        """The people and guests of a meeting, each once, without hidden people.

        This includes the organizer, unless they declined: at the position of their ATTENDEE, else
        first.
        """
        # Cached, as every calendar has the same all-hands.
        key = (m.organizer, m.attendees)
        if key not in self._cache:
            self._cached_attendees += len(m.attendees)
            if self._cached_attendees > CACHE_SIZE:
                self._cache.clear()
                self._cached_attendees = len(m.attendees)
            self._cache[key] = self._people_in(m)
        return self._cache[key]

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
                # One person may have two addresses; guests without an address differ by name.
                found.setdefault(id or mail or ("named", name), (id, name))
        return tuple(found.values())

    def _hides(self, id: int | None, mail: str, name: str) -> bool:
        """An address without an owner may be shared by a hidden person, so check names too."""
        return id in self._hidden_ids if id is not None else self._hidden_names.match(name, mail)


def drop_hidden(session: Session) -> None:
    """Remove hidden people from the stored guest lists, also those listed by name only. Otherwise
    unreadable calendars would keep showing them. The caller commits."""
    hidden = HiddenNames(session)
    if not hidden:
        return
    from_outside = Guest.person_id.is_(None)
    names = session.scalars(select(Guest.name).where(from_outside).distinct())
    theirs = Guest.person_id.in_(select(Person.id).where(Person.is_hidden))
    by_name = (from_outside & Guest.name.in_(n) for n in chunks([*filter(hidden.match, names)]))
    conditions = [theirs, *by_name]
    lists = {id for c in conditions for id in session.scalars(select(Guest.list_id).where(c))}
    # Calendars first, in the same order as the job that reads them, to avoid a deadlock.
    for list_ids in chunks(sorted(lists)):
        owners = select(Meeting.owner_id).where(Meeting.guest_list_id.in_(list_ids))
        outdated = update(Calendar).where(Calendar.person_id.in_(owners))
        session.execute(outdated.values(digest=OUTDATED))
    for list_ids in chunks(sorted(lists)):
        for condition in conditions:
            session.execute(delete(Guest).where(condition, Guest.list_id.in_(list_ids)))
        _update_lists(session, list_ids)


def _update_lists(session: Session, list_ids: Collection[int]) -> None:
    """Correct the size, and replace the digest, which is that of the former guests."""
    remaining = select(func.count()).where(Guest.list_id == GuestList.id).scalar_subquery()
    changed = literal("changed ").concat(GuestList.id.cast(String))
    lists = update(GuestList).where(GuestList.id.in_(list_ids))
    session.execute(lists.values(size=remaining, digest=changed))


def _address(attendee: Attendee) -> str:
    return (attendee.mail or "").lower()


def _mailbox(text: str) -> str:
    """The local part of an address, up to a plus; other text unchanged."""
    address = _ADDRESS.fullmatch(text)
    return address[1].partition("+")[0] if address else text


def _spellings(text: str) -> set[Words]:
    """The words of a name in its usual spellings: O'Brien as OBrien and O Brien, Müller as Muller
    and Mueller."""
    found = set[Words]()
    for spelling in {text, text.lower().translate(_TWO_LETTERS)}:
        folded = fold(spelling)
        found |= {frozenset(words_of(_JOINERS.sub(joiner, folded))) for joiner in ("", " ")}
    return found - {frozenset()}
