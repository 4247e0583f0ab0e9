"""Somebody hidden is nobody by whatever name or address a calendar knows them."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from intranet_people.calendars.source import Attendee
from intranet_people.clock import now as current
from intranet_people.people.person import Person

from .diaries import Find, Invite
from .hiding import dana, of_tomas

__all__ = ["dana"]


def test_by_an_address_that_the_directory_does_not_tell(
    session: Session, person: Find, invite: Invite, dana: Person
) -> None:
    """Calendars know people by further addresses, and name them."""
    others = [
        Attendee("Dana Whitfield", "d.whitfield@northwind-alumni.example"),
        Attendee("Whitfield, Dana", "whitfield.d@northwind.example"),
        Attendee("DANA WHITFIELD", None),
        Attendee("", "dana.whitfield@northwind-alumni.example"),
    ]
    invite("tomas", "kenji", guests=[*others, Attendee("Dana Scully", "scully@fbi.example")])
    assert of_tomas(session, person) == (["tomas", "kenji", "Dana Scully"], 3)


@pytest.mark.parametrize(
    ("name", "mail"),
    [
        ("Whitfield, Dana (Legal)", "d.w@alumni.example"),
        ("Dana Whitfield (HR)", None),
        ("dana.whitfield@northwind-alumni.example", "dw@alumni.example"),
        ("", "dana@northwind-alumni.example"),
        ("D. W.", "dana-whitfield@alumni.example"),
        ("Dr. Dana M. Whitfield", "dmw@alumni.example"),
        ("@Dana Whitfield", None),
        ("dw@x.example (Dana Whitfield)", None),
        ("DanaWhitfield", None),
        ("D. W.", "danawhitfield@alumni.example"),
        ("", "dana+calendar@her-own.example"),
        ("dana (Legal)", None),
        ("Dana Whitfield", None),
    ],
)
def test_by_a_name_that_is_written_another_way(
    session: Session, person: Find, invite: Invite, dana: Person, name: str, mail: str | None
) -> None:
    invite("tomas", "kenji", guests=[Attendee(name, mail)])
    assert of_tomas(session, person) == (["tomas", "kenji"], 2)


@pytest.mark.parametrize(
    ("given_name", "surname", "name"),
    [
        ("Conor", "O'Brien", "Conor OBrien"),
        ("Conor", "O'Brien", "O Brien, Conor"),
        ("Conor", "O'Brien", "Conor O'Brien-Smith"),
        ("Conor", "O’Brien", "Conor OBrien"),
        ("Anna‐Lena", "Kurz", "Annalena Kurz"),
        ("Jörg", "Müller", "Joerg Mueller"),
        ("Joerg", "Mueller", "Jörg Müller"),
        ("Søren", "Krogh", "Soeren Krogh"),
        ("太郎", "山田", "山田太郎"),
        ("太郎", "山田", "山田 太郎 (法务)"),
        ("小明", "王", "王小明（法务）"),
        ("", "Suharto", "Suharto (Legal)"),
    ],
)
def test_by_a_name_in_another_spelling(
    session: Session,
    person: Find,
    invite: Invite,
    dana: Person,
    given_name: str,
    surname: str,
    name: str,
) -> None:
    dana.name = f"{given_name} {surname}".strip()
    dana.given_name, dana.surname = given_name, surname
    session.commit()
    invite("tomas", "kenji", guests=[Attendee(name, "c@alumni.example")])
    assert of_tomas(session, person) == (["tomas", "kenji"], 2)


def test_guests_who_have_one_word_in_common_with_them_are_guests(
    session: Session, person: Find, invite: Invite, dana: Person
) -> None:
    guests = [
        Attendee("Dana Scully", "dana@fbi.example"),
        Attendee("Whitfield", "office@whitfield.example"),
        Attendee("", "anna.whitfield@hotel.example"),
        Attendee("J. R. Ewing", "jr@hotel.example"),
    ]
    dana.handle = "j-r"
    session.commit()
    invite("tomas", "kenji", guests=guests)
    names = ["Dana Scully", "Whitfield", "anna.whitfield", "J. R. Ewing"]
    assert of_tomas(session, person)[0][2:] == names


def test_an_address_that_they_share_is_nobodys(
    session: Session, person: Find, invite: Invite, dana: Person
) -> None:
    """It may be theirs, and the name beside it as well."""
    rui = person("rui")
    rui.mail = dana.mail
    session.commit()
    invite("tomas", "kenji", guests=[Attendee("D. W.", dana.mail.upper())])
    assert of_tomas(session, person) == (["tomas", "kenji"], 2)


def test_who_has_left_hidden_is_nobody_still(
    session: Session, person: Find, invite: Invite, dana: Person
) -> None:
    dana.left_at = current()
    session.commit()
    invite("tomas", "kenji", guests=[Attendee("D. W.", dana.mail)])
    assert of_tomas(session, person) == (["tomas", "kenji"], 2)


def test_whoever_has_their_address_now_is_somebody(
    session: Session, person: Find, invite: Invite, dana: Person
) -> None:
    rui = person("rui")
    dana.left_at, rui.mail = current(), dana.mail
    session.commit()
    invite("tomas", "rui")
    assert of_tomas(session, person) == (["tomas", "rui"], 2)
