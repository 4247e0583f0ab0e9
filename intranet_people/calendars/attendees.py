"""The people of a meeting: ATTENDEE and ORGANIZER (RFC 5545 3.8.4.1, 3.8.4.3)."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from ..problems import Problem
from ..text import one_line
from .source import Attendee

_MAIL = re.compile(r"[^\s@<>\",;]+@[^\s@<>\",;]+")


def attendees_of(event: Any) -> tuple[tuple[Attendee, ...], list[Problem]]:
    """The attendees who have not declined, each address once, and the problems of the others.

    Rooms and resources are left out (CUTYPE, RFC 5545 3.2.3).
    """
    found: dict[object, Attendee] = {}
    problems: list[Problem] = []
    for address in values_of(event, "ATTENDEE"):
        if _parameter(address, "CUTYPE").upper() in {"ROOM", "RESOURCE"}:
            continue
        attendee = attendee_of(address)
        if attendee is None:
            problems.append(Problem("event-no-address"))
        elif attendee.partstat != "DECLINED":
            found.setdefault(attendee.mail or ("named", attendee.name), attendee)
    return tuple(found.values()), problems


def organizer_of(event: Any) -> Attendee | None:
    """The organizer, or None if there is none or it has neither mail nor name.

    `partstat` is that of the ATTENDEE with the same address, if there is one.
    """
    organizer = next((attendee_of(address) for address in values_of(event, "ORGANIZER")), None)
    if organizer is None or organizer.mail is None:
        return organizer
    attendees = (attendee_of(address) for address in values_of(event, "ATTENDEE"))
    own = next((a for a in attendees if a and a.mail == organizer.mail), organizer)
    return replace(organizer, partstat=own.partstat)


def attendee_of(address: Any) -> Attendee | None:
    """Convert an icalendar vCalAddress; None if it has neither mail nor name."""
    name, mail = one_line(_parameter(address, "CN")), _mail(address)
    if not name and mail is None:
        return None
    return Attendee(name, mail, _parameter(address, "PARTSTAT").upper() or "NEEDS-ACTION")


def values_of(event: Any, name: str) -> list[Any]:
    """The values of a property that may occur any number of times."""
    value = event.get(name)
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _mail(address: Any) -> str | None:
    scheme, _, rest = str(address).strip().partition(":")
    if scheme.lower() == "mailto":
        candidate = unquote(rest.partition("?")[0])
    else:
        # The address may be a urn:uuid with the mail in the parameter EMAIL (RFC 7986 6.2).
        candidate = _parameter(address, "EMAIL")
    mail = candidate.strip().lower()
    return mail if len(mail) <= 254 and mail.isprintable() and _MAIL.fullmatch(mail) else None


def _parameter(address: Any, name: str) -> str:
    value = getattr(address, "params", {}).get(name, "")
    return str(value[0] if isinstance(value, list) and value else value).strip()
