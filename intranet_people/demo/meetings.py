"""Writes the calendars of the sample company, one iCalendar file per person (RFC 5545)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from zlib import crc32

from icalendar import Calendar, Event, Timezone, vCalAddress, vRecur

from intranet_people.demo.agenda import Gathering, Guest, agenda
from intranet_people.demo.company import SIGN_INS, Person, by_handle, people

_TAIL = b"END:VCALENDAR\r\n"
_ALWAYS_COMING = {sign_in.handle for sign_in in SIGN_INS} | {"dana", "kenji", "priya"}
# Most accept, a few leave it open; crc32 makes the same choice in every run.
_ANSWERS = (*["ACCEPTED"] * 7, "TENTATIVE", "NEEDS-ACTION", "DECLINED")


def calendar_of(handle: str) -> bytes | None:
    """Theirs, as seen from now; for `embedded:` of PEOPLE_CALENDARS."""
    parts = _shelves_at(datetime.now(UTC).replace(second=0, microsecond=0)).get(handle)
    return None if parts is None else _calendar(parts)


def write_calendars(folder: Path, now: datetime) -> int:
    """Writes HANDLE.ics for everyone, with meetings in the days after `now` (aware).

    A meeting has the same UID, times and attendees in the file of each who is invited.
    Returns the number of files. A reader never sees half a file.
    """
    if now.tzinfo is None:
        raise ValueError("now must be an aware datetime")
    folder.mkdir(parents=True, exist_ok=True)
    shelves = _shelves(now)
    for person in people():
        _replace(folder / f"{person.handle}.ics", _calendar(shelves[person.handle]))
    return len(people())


@lru_cache(maxsize=1)
def _shelves_at(now: datetime) -> dict[str, list[bytes]]:
    """Kept while one after the other asks."""
    return _shelves(now)


def _shelves(now: datetime) -> dict[str, list[bytes]]:
    """The serialised parts by handle: an event with 121 attendees is written only once."""
    shelves: dict[str, list[bytes]] = {person.handle: [] for person in people()}
    for gathering in agenda(now):
        parts = [_event(gathering, now)]
        if gathering.weekly:
            parts.insert(0, _timezone(str(gathering.starts_at.tzinfo), now.year))
        for handle in gathering.people:
            shelves[handle].extend(parts)
    return shelves


def _calendar(parts: list[bytes]) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//Northwind Instruments//Sample company//EN")
    calendar.add("version", "2.0")
    head = calendar.to_ical().removesuffix(_TAIL)
    return b"".join([head, *parts, _TAIL])


@cache
def _timezone(zone: str, year: int) -> bytes:
    first, last = date(year - 1, 1, 1), date(year + 2, 1, 1)
    text: bytes = Timezone.from_tzid(zone, first_date=first, last_date=last).to_ical()
    return text


def _event(gathering: Gathering, now: datetime) -> bytes:
    event = Event()
    event.add("uid", gathering.uid)
    event.add("dtstamp", now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0))
    event.add("dtstart", gathering.starts_at)
    event.add("dtend", gathering.starts_at + timedelta(minutes=gathering.minutes))
    event.add("summary", gathering.title)
    event.add("location", gathering.location)
    if gathering.weekly:
        event.add("rrule", vRecur(freq="WEEKLY"))
    event.add("organizer", _address(by_handle()[gathering.people[0]]))
    for attendee in _attendees(gathering):
        event.add("attendee", attendee)
    text: bytes = event.to_ical()
    return text


def _attendees(gathering: Gathering) -> Iterator[vCalAddress]:
    for handle in gathering.people:
        address = _address(by_handle()[handle])
        address.params["PARTSTAT"] = _answer(gathering, handle)
        yield address
    for guest in gathering.guests:
        yield _guest(guest)


def _address(person: Person) -> vCalAddress:
    address = vCalAddress(f"mailto:{person.address}")
    address.params["CN"] = person.name
    return address


def _answer(gathering: Gathering, handle: str) -> str:
    if handle == gathering.people[0] or handle in _ALWAYS_COMING:
        return "ACCEPTED"
    return _ANSWERS[crc32(f"{gathering.title} {handle}".encode()) % len(_ANSWERS)]


def _guest(guest: Guest) -> vCalAddress:
    address = vCalAddress(guest.address)
    address.params["CN"] = guest.name
    address.params["CUTYPE"] = guest.cutype
    address.params["PARTSTAT"] = "ACCEPTED"
    return address


def _replace(path: Path, text: bytes) -> None:
    part = path.with_suffix(".part")
    part.write_bytes(text)
    part.replace(path)
