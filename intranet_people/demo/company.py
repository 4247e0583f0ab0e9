"""Northwind Instruments: the 120 people of the sample company, as a directory would hold them."""

from __future__ import annotations

import csv
from dataclasses import dataclass, fields
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from uuid import NAMESPACE_DNS, uuid5

BASE_DN = "dc=northwind,dc=example"
PEOPLE_DN = f"ou=people,{BASE_DN}"
SERVICES_DN = f"ou=services,{BASE_DN}"
SERVICE_DN = f"cn=people,{SERVICES_DN}"
SERVICE_PASSWORD = "read-only"
# Of every person, so that anyone can be tried.
PASSWORD = "tide-clock"

MAIL_DOMAIN = "northwind.example"

ZONES = {
    "Athens": "Europe/Athens",
    "Cairo": "Africa/Cairo",
    "Chennai": "Asia/Kolkata",
    "Dresden": "Europe/Berlin",
    "Lisbon": "Europe/Lisbon",
    "Nairobi": "Africa/Nairobi",
    "Oslo": "Europe/Oslo",
    "Reykjavík": "Atlantic/Reykjavik",
    "Singapore": "Asia/Singapore",
    "São Paulo": "America/Sao_Paulo",
    "Toronto": "America/Toronto",
    "Yokohama": "Asia/Tokyo",
}

_HERE = Path(__file__).parent

Entry = tuple[str, dict[str, list[bytes]]]


@dataclass(frozen=True)
class Person:
    """A row of company.tsv, without the columns that only the portraits need.

    `manager` is a handle, or "" for the chief. `joined` is an ISO date, or for a newcomer the
    days since, as "-2". Phones are from ranges reserved for fiction (Canada, Germany) or begin
    with zeros that no exchange hands out.
    """

    handle: str
    given: str
    family: str
    name: str
    mail: str
    title: str
    team: str
    manager: str
    city: str
    room: str
    phone: str
    mobile: str
    language: str
    joined: str

    @property
    def dn(self) -> str:
        return f"uid={self.handle},{PEOPLE_DN}"

    @property
    def address(self) -> str:
        return f"{self.mail}@{MAIL_DOMAIN}"

    @property
    def zone(self) -> str:
        return ZONES[self.city]

    @property
    def is_newcomer(self) -> bool:
        return self.joined.startswith("-")

    @property
    def photo(self) -> Path | None:
        path = _HERE / "portraits" / f"{self.handle}.jpg"
        return path if path.exists() else None

    def joined_on(self, today: date) -> date:
        if self.is_newcomer:
            return today + timedelta(days=int(self.joined))
        return date.fromisoformat(self.joined)


@dataclass(frozen=True)
class SignIn:
    """Someone to try the demo as; `what` reads like "a newcomer"."""

    handle: str
    password: str
    what: str


SIGN_INS = (
    SignIn("tomas", PASSWORD, "an employee"),
    SignIn("nour", PASSWORD, "a newcomer"),
    SignIn("amina", PASSWORD, "a leader"),
    SignIn("dana", PASSWORD, "in a meeting just now"),
)


@cache
def people() -> tuple[Person, ...]:
    names = [field.name for field in fields(Person)]
    with (_HERE / "company.tsv").open(encoding="utf-8", newline="") as table:
        rows = csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE)
        return tuple(Person(**{name: row[name] for name in names}) for row in rows)


@cache
def by_handle() -> dict[str, Person]:
    return {person.handle: person for person in people()}


def entries(today: date) -> list[Entry]:
    """The whole tree, parents first; newcomers have joined within the week before `today`."""
    return [*_branches(), *(_person_entry(person, today) for person in people())]


def _branches() -> list[Entry]:
    return [
        _entry(
            BASE_DN,
            objectClass=("top", "dcObject", "organization"),
            dc=("northwind",),
            o=("Northwind Instruments",),
        ),
        _entry(PEOPLE_DN, objectClass=("top", "organizationalUnit"), ou=("people",)),
        _entry(SERVICES_DN, objectClass=("top", "organizationalUnit"), ou=("services",)),
        _entry(
            SERVICE_DN,
            objectClass=("top", "applicationProcess", "simpleSecurityObject"),
            cn=("people",),
            userPassword=(SERVICE_PASSWORD,),
        ),
    ]


def _person_entry(person: Person, today: date) -> Entry:
    manager = by_handle().get(person.manager)
    dn, attributes = _entry(
        person.dn,
        objectClass=("top", "person", "organizationalPerson", "inetOrgPerson"),
        uid=(person.handle,),
        cn=(person.name,),
        displayName=(person.name,),
        givenName=(person.given,),
        sn=(person.family,),
        mail=(person.address,),
        title=(person.title,),
        ou=(person.team,),
        physicalDeliveryOfficeName=(person.room,),
        l=(person.city,),
        telephoneNumber=(person.phone,),
        mobile=(person.mobile,),
        manager=(manager.dn if manager else "",),
        employeeNumber=(str(1001 + people().index(person)),),
        preferredLanguage=(person.language,),
        timeZone=(person.zone,),
        userPassword=(PASSWORD,),
        createTimestamp=(f"{person.joined_on(today):%Y%m%d}080000Z",),
    )
    if photo := person.photo:
        attributes["jpegPhoto"] = [photo.read_bytes()]
    return dn, attributes


def _entry(dn: str, **attributes: tuple[str, ...]) -> Entry:
    """LDAP knows no empty value: an attribute without one is left out."""
    values = {name: [v.encode() for v in given if v] for name, given in attributes.items()}
    values["entryUUID"] = [str(uuid5(NAMESPACE_DNS, dn)).encode()]
    return dn, {name: given for name, given in values.items() if given}
