"""Record: the mapped and cleaned values of an entry."""

from __future__ import annotations

import marshal
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b, sha256
from zoneinfo import ZoneInfo

from ..problems import Problem
from ..text import plain
from .entry import MAX_TEXT, Entry, Unreadable, clean, dn_key, key_of
from .mapping import Schema
from .times import generalized_time

MAX_DN = 10_000


# Not frozen, which is three times slower.
@dataclass(slots=True)
class Record:
    """A person according to the directory. Missing texts are ""."""

    directory_id: str
    dn: str
    dn_key: int
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
    manager_key: int | None = None
    time_zone: str = ""
    joined: datetime | None = None
    photo: bytes = b""
    extra: dict[str, list[str]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = field(default=(), compare=False)


def directory_id_of(entry: Entry, schema: Schema) -> str:
    """The immutable id, in hexadecimal if it is binary; "" if the entry has none.

    An id over MAX_TEXT bytes, which databases could not index, is replaced by its digest.
    """
    values = entry.attributes.get(schema.id_name)
    if not values:
        return ""
    value = values[0]
    if schema.id_is_guid and len(value) == 16:
        return _guid(value)
    if len(value) > MAX_TEXT:
        return blake2b(value, digest_size=16).hexdigest()
    text = value.decode("ascii", "replace").strip().lower()
    return text if text.isascii() and text.isprintable() else value.hex()


def _guid(value: bytes) -> str:
    """16 bytes as text, the first three parts little-endian (MS-DTYP 2.3.4.2)."""
    digits = (value[3::-1] + value[5:3:-1] + value[7:5:-1] + value[8:]).hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def fingerprint_of(entry: Entry, schema: Schema) -> str:
    """32 hexadecimal digits that change with the mapping, the DN and the mapped values.

    The order of an attribute's values does not matter.
    """
    values = [
        (found if len(found) == 1 else sorted(found)) if found else None
        for found in map(entry.attributes.get, schema.mapped_attributes)
    ]
    # Fast and unambiguous; version 2, as later ones write equal values as references.
    everything = marshal.dumps([entry.dn.encode("utf-8", "surrogatepass"), values], 2)
    return sha256(schema.digest + everything).hexdigest()[:32]


def record_of(entry: Entry, schema: Schema) -> Record | None:
    """The record of an entry, or None if it has no immutable id.

    Unreadable values are left out and reported in `problems`.
    """
    directory_id = directory_id_of(entry, schema)
    if not directory_id:
        return None
    reader = _Reader(entry, schema)
    text = reader.text
    handle = reader.handle() or directory_id
    given_name, surname = text("given_name"), text("surname")
    return Record(
        directory_id=directory_id,
        # Databases refuse NUL and unpaired surrogates.
        dn=entry.dn if entry.dn.isprintable() else plain(entry.dn),
        dn_key=key_of(entry.dn),
        handle=handle,
        name=reader.name() or f"{given_name} {surname}".strip() or handle,
        given_name=given_name,
        surname=surname,
        title=text("title", _clean_shared),
        team=text("team", _clean_shared),
        office=text("office", _clean_shared),
        city=text("city", _clean_shared),
        mail=text("mail").lower(),
        phones=reader.texts("phones"),
        mobiles=reader.texts("mobiles"),
        manager_key=reader.dn("manager"),
        time_zone=reader.zone(),
        joined=reader.time("joined"),
        photo=reader.raw("photo"),
        extra=reader.extra() if schema.extra else {},
        problems=tuple(reader.problems),
    )


class _Reader:
    """Reads the fields of one entry and collects their problems."""

    __slots__ = ("attribute_names", "attributes", "fields", "problems", "schema")

    def __init__(self, entry: Entry, schema: Schema) -> None:
        self.attributes = entry.attributes
        self.schema = schema
        self.fields = schema.fields
        self.attribute_names = schema.attribute_names
        self.problems: list[Problem] = []

    def note(self, code: str, subject: str, detail: str = "") -> None:
        self.problems.append(Problem(code, subject, detail))

    def names(self, field: str) -> str:
        return " / ".join(self.fields[field])

    def handle(self) -> str:
        handle = self.text("handle").lower()
        if not handle:
            self.note("no-login-name", self.names("handle"))
        return handle

    def name(self) -> str:
        name = self.text("name")
        if not name:
            self.note("no-name", self.names("name"))
        return name

    def raw(self, field: str) -> bytes:
        """The first non-empty value, b"" if there is none."""
        for attribute in self.attribute_names[field]:
            for value in self.attributes.get(attribute, ()):
                if value:
                    return value
        return b""

    def text(self, field: str, clean: Callable[[bytes], str] = clean) -> str:
        """The first text. Other values of the same attribute are only checked for problems."""
        for attribute in self.attribute_names[field]:
            values = self.attributes.get(attribute)
            if values:
                try:
                    if len(values) == 1 and (text := clean(values[0])):
                        return text
                except Unreadable:
                    pass
                texts = self.cleaned(values, self.fields[field], clean)
                if texts:
                    return texts[0]
        return ""

    def texts(self, field: str) -> tuple[str, ...]:
        """The texts of all attributes, in order and without duplicates."""
        found: list[str] = []
        for attribute in self.attribute_names[field]:
            if values := self.attributes.get(attribute):
                found += self.cleaned(values, self.fields[field])
        return tuple(dict.fromkeys(found)) if len(found) > 1 else tuple(found)

    def extra(self) -> dict[str, list[str]]:
        """The texts of the company's own fields, by label."""
        found = {}
        for label, attributes in self.schema.extra_attribute_names.items():
            lists = [self.attributes.get(attribute, ()) for attribute in attributes]
            values = [value for values in lists for value in values]
            texts = self.cleaned(values, self.schema.extra[label])
            if texts:
                found[label] = list(dict.fromkeys(texts))
        return found

    def dn(self, field: str) -> int | None:
        """The key of the first DN, which may be longer than MAX_TEXT as it is never shown."""
        value = self.raw(field)
        if len(value) > MAX_DN:
            self.note("dn-too-long", self.names(field), str(len(value)))
            return None
        try:
            return dn_key(value.decode()) if value else None
        except UnicodeDecodeError:
            self.note("not-utf8", self.names(field))
            return None

    def zone(self) -> str:
        name = self.text("time_zone", _clean_shared)
        if not name or _is_zone(name):
            return name
        self.note("no-zone", self.names("time_zone"), name)
        return ""

    def time(self, field: str) -> datetime | None:
        value = self.raw(field)
        return generalized_time(value) if value else None

    def cleaned(
        self,
        values: list[bytes],
        attributes: tuple[str, ...],
        clean: Callable[[bytes], str] = clean,
    ) -> list[str]:
        """The clean texts of `values`, which are those of `attributes`."""
        texts = []
        for value in values:
            try:
                text = clean(value)
            except Unreadable as e:
                self.note(e.code, " / ".join(attributes), e.detail)
            else:
                if text:
                    texts.append(text)
        return texts


def _clean_shared(value: bytes) -> str:
    """Like `clean`, cached for values that many people share: titles, teams, places."""
    return _clean_cached(value) if len(value) <= MAX_TEXT else clean(value)


_clean_cached = lru_cache(maxsize=8192)(clean)


@lru_cache(maxsize=1024)
def _is_zone(name: str) -> bool:
    try:
        return bool(ZoneInfo(name).key)
    except (KeyError, ValueError, OSError):
        return False
