"""How an entry becomes a person's plain values."""

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


# Not frozen, which would make it three times as slow.
@dataclass(slots=True)
class Record:
    """What the directory says of one person, mapped and cleaned; texts are "" where missing."""

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
    """The immutable id, or "" where the entry has none; in hexadecimal where it is no text.

    An absurdly long one is shortened to its digest: no database could index it.
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
    """32 hexadecimal digits, the same as long as the DN and the mapped values are.

    The order of an attribute's values is no difference.
    """
    values = [
        (some if len(some) == 1 else sorted(some)) if some else None
        for some in map(entry.attributes.get, schema.mapped)
    ]
    # Without ambiguity and at the speed of C; version 2 knows no references to what was before.
    everything = marshal.dumps([entry.dn.encode("utf-8", "surrogatepass"), values], 2)
    return sha256(schema.digest + everything).hexdigest()[:32]


def record_of(entry: Entry, schema: Schema) -> Record | None:
    """The person an entry describes, or None where it has no immutable id.

    What cannot be read is left out and named in `problems`.
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
        # Printable as it should be; no database takes a NUL or half a surrogate pair.
        dn=entry.dn if entry.dn.isprintable() else plain(entry.dn),
        dn_key=key_of(entry.dn),
        handle=handle,
        name=reader.name() or f"{given_name} {surname}".strip() or handle,
        given_name=given_name,
        surname=surname,
        title=text("title", _clean_again),
        team=text("team", _clean_again),
        office=text("office", _clean_again),
        city=text("city", _clean_again),
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
    """Reads fields of one entry and collects what was wrong with them."""

    __slots__ = ("attributes", "fields", "problems", "schema", "where")

    def __init__(self, entry: Entry, schema: Schema) -> None:
        self.attributes = entry.attributes
        self.schema = schema
        self.fields = schema.fields
        self.where = schema.where
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
        """The first value that is not empty."""
        for attribute in self.where[field]:
            for value in self.attributes.get(attribute, ()):
                if value:
                    return value
        return b""

    def text(self, field: str, clean: Callable[[bytes], str] = clean) -> str:
        """The first text; of an attribute's other values only what is wrong matters."""
        for attribute in self.where[field]:
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
        """All texts of all attributes, each once, in order."""
        found: list[str] = []
        for attribute in self.where[field]:
            if values := self.attributes.get(attribute):
                found += self.cleaned(values, self.fields[field])
        return tuple(dict.fromkeys(found)) if len(found) > 1 else tuple(found)

    def extra(self) -> dict[str, list[str]]:
        """The company's own fields that have a value."""
        found = {}
        for label, attributes in self.schema.where_extra.items():
            lists = [self.attributes.get(attribute, ()) for attribute in attributes]
            values = [value for values in lists for value in values]
            texts = self.cleaned(values, self.schema.extra[label])
            if texts:
                found[label] = list(dict.fromkeys(texts))
        return found

    def dn(self, field: str) -> int | None:
        """The key of the first DN; it is never shown, and may be longer than a text."""
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
        name = self.text("time_zone", _clean_again)
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
        """What can be shown of the `values` of those attributes."""
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


def _clean_again(value: bytes) -> str:
    """As `clean`, of what many people have in common: titles, teams, places."""
    return _remembered(value) if len(value) <= MAX_TEXT else clean(value)


_remembered = lru_cache(maxsize=8192)(clean)


@lru_cache(maxsize=1024)
def _is_zone(name: str) -> bool:
    try:
        return bool(ZoneInfo(name).key)
    except (KeyError, ValueError, OSError):
        return False
