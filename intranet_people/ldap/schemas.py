"""Which attribute holds what, and how an entry becomes a person's plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from .entry import Entry, Unreadable, clean, comparable_dn


@dataclass(frozen=True)
class Schema:
    """A mapping preset: field -> attributes, the first that has a value wins."""

    id_attribute: str
    person_filter: str
    fields: Mapping[str, tuple[str, ...]]

    def with_attributes(self, overrides: Mapping[str, str]) -> Schema:
        """This schema with fields mapped otherwise. Raises ValueError for an unknown field."""
        for name in overrides:
            if name not in self.fields:
                raise ValueError(f"{name!r} is no field; known are {', '.join(self.fields)}.")
        if not overrides.get("handle", "uid").strip():
            raise ValueError("'handle' needs an attribute: by it people sign in.")
        fields = {**self.fields, **{f: tuple(a.split()) for f, a in overrides.items()}}
        return replace(self, fields=fields)

    def with_filter(self, person_filter: str) -> Schema:
        return replace(self, person_filter=person_filter)

    @property
    def attributes(self) -> list[str]:
        """What a read has to ask for, operational attributes by name (RFC 4512 3.4)."""
        names = [self.id_attribute, *(a for names in self.fields.values() for a in names)]
        return list(dict.fromkeys(names))


# RFC 2798 (inetOrgPerson), RFC 4519, and RFC 4530 for entryUUID.
INETORGPERSON = Schema(
    id_attribute="entryUUID",
    person_filter="(objectClass=inetOrgPerson)",
    fields={
        "handle": ("uid",),
        "name": ("displayName", "cn"),
        "given_name": ("givenName",),
        "surname": ("sn",),
        "title": ("title",),
        "team": ("ou", "departmentNumber"),
        "office": ("physicalDeliveryOfficeName", "roomNumber"),
        "city": ("l",),
        "mail": ("mail",),
        "phones": ("telephoneNumber",),
        "mobiles": ("mobile",),
        "manager": ("manager",),
        "time_zone": (),
        "joined": ("createTimestamp",),
        "photo": ("jpegPhoto",),
    },
)

PRESETS = {"inetorgperson": INETORGPERSON}


@dataclass(frozen=True)
class Record:
    """What the directory says of one person, mapped and cleaned; texts are "" where missing."""

    directory_id: str
    dn: str
    handle: str
    name: str
    given_name: str = ""
    surname: str = ""
    title: str = ""
    team: str = ""
    office: str = ""
    city: str = ""
    mail: str = ""
    phones: tuple[str, ...] = ()
    mobiles: tuple[str, ...] = ()
    manager_dn: str = ""
    time_zone: str = ""
    joined: datetime | None = None
    photo: bytes = b""
    problems: tuple[str, ...] = field(default=(), compare=False)


def directory_id_of(entry: Entry, schema: Schema) -> str:
    """The immutable id, or "" where the entry has none; in hexadecimal where it is no text."""
    value = next(iter(entry.values(schema.id_attribute)), b"")
    text = value.decode("ascii", "replace").lower()
    return text if text.isascii() and text.isprintable() else value.hex()


def record_of(entry: Entry, schema: Schema) -> Record | None:
    """The person an entry describes, or None where it has no immutable id.

    What cannot be read is left out and named in `problems`.
    """
    reader = _Reader(entry, schema)
    directory_id = directory_id_of(entry, schema)
    if not directory_id:
        return None
    known_as = reader.text("name")
    given_name, surname = reader.text("given_name"), reader.text("surname")
    handle = reader.text("handle").lower()
    if not handle:
        reader.problems.append(f"has no {reader.names('handle')}, so cannot sign in")
        handle = directory_id
    if not known_as:
        reader.problems.append(f"has no {reader.names('name')}")
        known_as = f"{given_name} {surname}".strip() or handle
    return Record(
        directory_id=directory_id,
        dn=comparable_dn(entry.dn),
        handle=handle,
        name=known_as,
        given_name=given_name,
        surname=surname,
        **{f: reader.text(f) for f in ("title", "team", "office", "city")},
        mail=reader.text("mail").lower(),
        phones=reader.texts("phones"),
        mobiles=reader.texts("mobiles"),
        manager_dn=comparable_dn(reader.text("manager")),
        time_zone=reader.zone(),
        joined=reader.time("joined"),
        photo=next(iter(reader.raw("photo")), b""),
        problems=tuple(reader.problems),
    )


class _Reader:
    """Reads fields of one entry and collects what was wrong with them."""

    def __init__(self, entry: Entry, schema: Schema) -> None:
        self.entry = entry
        self.fields = schema.fields
        self.problems: list[str] = []

    def names(self, field: str) -> str:
        return " or ".join(self.fields[field])

    def raw(self, field: str) -> list[bytes]:
        for attribute in self.fields[field]:
            if values := self.entry.values(attribute):
                return values
        return []

    def texts(self, field: str) -> tuple[str, ...]:
        texts = []
        for value in self.raw(field):
            try:
                texts.append(clean(value))
            except Unreadable as e:
                self.problems.append(f"{self.names(field)} {e}; left out")
        return tuple(t for t in texts if t)

    def text(self, field: str) -> str:
        return next(iter(self.texts(field)), "")

    def zone(self) -> str:
        name = self.text("time_zone")
        try:
            return name and ZoneInfo(name).key
        except (KeyError, ValueError, OSError):
            self.problems.append(f"{self.names('time_zone')} {name!r} is no IANA zone; left out")
            return ""

    def time(self, field: str) -> datetime | None:
        """A GeneralizedTime in UTC (RFC 4517 3.3.13), to the second."""
        text = self.text(field)
        try:
            return datetime.strptime(text[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        except ValueError:
            return None
