"""Who is in a meeting."""

from __future__ import annotations

import pytest

from intranet_people.calendars.ics import expand
from intranet_people.calendars.source import Attendee, CalendarEvent, Reading
from intranet_people.problems import Problem

from .conftest import END, START, at_ten, calendar


def read(*lines: str) -> Reading:
    return expand(calendar(at_ten(*lines)), START, END)


def meeting(*lines: str) -> CalendarEvent:
    reading = read(*lines)
    assert reading.problems == ()
    return reading.meetings[0]


def test_people_are_kept_and_rooms_and_those_who_declined_are_not() -> None:
    found = meeting(
        "ORGANIZER;CN=Alice Kovacs:mailto:Alice@Corp.example",
        'ATTENDEE;CN="Dreßler, Jörg";PARTSTAT=ACCEPTED:MAILTO:Joerg@corp.example',
        "ATTENDEE;CN=Bob;PARTSTAT=DECLINED:mailto:bob@corp.example",
        "ATTENDEE;CUTYPE=ROOM;CN=Room 5:mailto:room5@corp.example",
        "ATTENDEE;CUTYPE=RESOURCE:mailto:beamer@corp.example",
        "ATTENDEE:mailto:JOERG@corp.example",
        "ATTENDEE:mailto:carol%2bteam@corp.example?subject=x",
    )
    assert found.organizer == Attendee("Alice Kovacs", "alice@corp.example")
    assert found.attendees == (
        Attendee("Dreßler, Jörg", "joerg@corp.example", "ACCEPTED"),
        Attendee("", "carol+team@corp.example"),
    )


@pytest.mark.parametrize(
    "address",
    ["", "urn:uuid:5e7c", "mailto:", "mailto:carol", "carol@corp.example", "mailto:a b@corp"],
)
def test_without_a_mail_address_the_name_stays(address: str) -> None:
    assert meeting(f"ATTENDEE;CN=Carol:{address}").attendees == (Attendee("Carol", None),)


def test_mail_beside_a_urn() -> None:
    found = meeting("ATTENDEE;EMAIL=Carol@corp.example:urn:uuid:5e7c")
    assert found.attendees == (Attendee("", "carol@corp.example"),)


def test_neither_mail_nor_name_is_listed() -> None:
    reading = read("ATTENDEE:urn:uuid:5e7c", "ATTENDEE:mailto:carol@corp.example")
    assert [a.mail for a in reading.meetings[0].attendees] == ["carol@corp.example"]
    assert reading.problems == (Problem("event-no-address", "20261123T100000Z"),)


def test_organizer_who_cannot_be_named() -> None:
    assert meeting("ORGANIZER:urn:uuid:5e7c").organizer is None


def test_an_organizer_who_declined() -> None:
    found = meeting(
        "ORGANIZER;CN=Alice Kovacs:mailto:alice@corp.example",
        "ATTENDEE;PARTSTAT=DECLINED:mailto:Alice@corp.example",
        "ATTENDEE;CN=Bob:mailto:bob@corp.example",
    )
    assert found.organizer == Attendee("Alice Kovacs", "alice@corp.example", "DECLINED")
    assert [a.name for a in found.attendees] == ["Bob"]


def test_two_people_without_an_address_are_two() -> None:
    found = meeting("ATTENDEE;CN=Carol:urn:x", "ATTENDEE;CN=Dave:urn:y")
    assert [a.name for a in found.attendees] == ["Carol", "Dave"]


def test_a_whole_company_is_invited() -> None:
    reading = read(*(f"ATTENDEE:mailto:p{n}@corp.example" for n in range(5000)))
    assert len(reading.meetings[0].attendees) == 5000
    assert reading.problems == ()
