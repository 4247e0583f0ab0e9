"""Writes the calendars of the sample company, one iCalendar file per person (RFC 5545)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from zlib import crc32

from icalendar import Calendar, Event, Timezone, vCalAddress, vRecur

from intranet_people.db.private_files import make_file, make_folder
from intranet_people.demo.agenda import Guest, SampleMeeting, agenda
from intranet_people.demo.company import SIGN_INS, Person, by_handle, people

_TAIL = b"END:VCALENDAR\r\n"
_ALWAYS_COMING = {sign_in.handle for sign_in in SIGN_INS} | {"kenji", "priya"}
# Most accept, a few leave it open; crc32 makes the same choice in every run.
_ANSWERS = (*["ACCEPTED"] * 7, "TENTATIVE", "NEEDS-ACTION", "DECLINED")


def calendar_of(handle: str) -> bytes | None:
    """Theirs, as seen from now; for `embedded:` of PEOPLE_CALENDARS."""
    parts = _shelves_at(datetime.now(UTC).replace(second=0, microsecond=0)).get(handle)
    return None if parts is None else _calendar(parts)


def write_calendars(folder: Path, now: datetime) -> int:
    """Writes HANDLE.ics for everyone, with meetings around `now` (aware).

    A meeting has the same UID, times and attendees in the file of each who is invited.
    Returns the number of files. A reader never sees half a file.
    """
    if now.tzinfo is None:
        raise ValueError("now must be an aware datetime")
    make_folder(folder)
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
    for meeting in agenda(now):
        parts = [_event(meeting, now)]
        if meeting.weekly:
            parts.insert(0, _timezone(str(meeting.starts_at.tzinfo), now.year))
        for handle in meeting.people:
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


def _event(meeting: SampleMeeting, now: datetime) -> bytes:
    event = Event()
    event.add("uid", meeting.uid)
    event.add("dtstamp", now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0))
    ends_at = meeting.starts_at + timedelta(minutes=meeting.minutes)
    event.add("dtstart", meeting.starts_at.date() if meeting.all_day else meeting.starts_at)
    event.add("dtend", ends_at.date() if meeting.all_day else ends_at)
    event.add("summary", meeting.title)
    event.add("location", meeting.location)
    if meeting.weekly:
        event.add("rrule", vRecur(freq="WEEKLY"))
    event.add("organizer", _address(by_handle()[meeting.people[0]]))
    for attendee in _attendees(meeting):
        event.add("attendee", attendee)
    text: bytes = event.to_ical()
    return text


def _attendees(meeting: SampleMeeting) -> Iterator[vCalAddress]:
    for handle in meeting.people:
        address = _address(by_handle()[handle])
        address.params["PARTSTAT"] = _answer(meeting, handle)
        yield address
    for guest in meeting.guests:
        yield _guest(guest)


def _address(person: Person) -> vCalAddress:
    address = vCalAddress(f"mailto:{person.address}")
    address.params["CN"] = person.name
    return address


def _answer(meeting: SampleMeeting, handle: str) -> str:
    if handle == meeting.people[0] or handle in _ALWAYS_COMING:
        return "ACCEPTED"
    return _ANSWERS[crc32(f"{meeting.title} {handle}".encode()) % len(_ANSWERS)]


def _guest(guest: Guest) -> vCalAddress:
    address = vCalAddress(guest.address)
    address.params["CN"] = guest.name
    address.params["CUTYPE"] = guest.cutype
    address.params["PARTSTAT"] = "ACCEPTED"
    return address


def _replace(path: Path, text: bytes) -> None:
    part = path.with_suffix(".part")
    make_file(part)
    part.write_bytes(text)
    part.replace(path)
