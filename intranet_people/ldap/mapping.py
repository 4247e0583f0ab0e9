"""What a mapping is: which attribute of a directory holds what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import blake2b

# Raised whenever record_of makes something else of the same values.
MAPPING_VERSION = 2
# Raised whenever a rule of accounts.RULES says something else of the same value.
RULES_EDITION = 1


@dataclass(frozen=True)
class Schema:
    """A mapping: field -> attributes, the first that has a value wins.

    `phones` and `mobiles` take several, and so the values of all their attributes.

    account  attribute -> a rule of accounts.RULES, by which an account is not active
    changes  how to read what changed, the best first: "syncrepl", "usn", "timestamp"
    extra    label on the profile -> attributes: a company's own fields
    hidden_filter  which of the people are shown to nobody; "" where nobody is hidden
    """

    id_attribute: str
    person_filter: str
    fields: Mapping[str, tuple[str, ...]]
    account: Mapping[str, str] = field(default_factory=dict)
    changes: tuple[str, ...] = ()
    id_is_guid: bool = False
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hidden_filter: str = ""

    def with_attributes(self, overrides: Mapping[str, str]) -> Schema:
        """This schema with fields, or the immutable id, mapped otherwise.

        Raises ValueError for an unknown field, and where nobody could sign in or be known.
        """
        for name in overrides:
            if name != "id" and name not in self.fields:
                known = ", ".join(["id", *self.fields])
                raise ValueError(f"{name!r} is no field; known are {known}.")
        if not overrides.get("handle", "uid").strip():
            raise ValueError("'handle' needs an attribute: by it people sign in.")
        named = {f: tuple(a.split()) for f, a in overrides.items() if f != "id"}
        mapped = replace(self, fields={**self.fields, **named})
        return mapped._with_id(overrides["id"]) if "id" in overrides else mapped

    def _with_id(self, attribute: str) -> Schema:
        if len(attribute.split()) != 1:
            raise ValueError("'id' needs one attribute: by it people stay who they are.")
        name = attribute.strip()
        if _plain_name(name) == _plain_name(self.id_attribute):
            return self
        # syncrepl speaks of entries by the server's own id (RFC 4533 3.3.1).
        changes = tuple(way for way in self.changes if way != "syncrepl")
        is_guid = _plain_name(name) == "objectguid"
        return replace(self, id_attribute=name, id_is_guid=is_guid, changes=changes)

    def with_filter(self, person_filter: str) -> Schema:
        return replace(self, person_filter=person_filter)

    def with_hidden(self, hidden_filter: str) -> Schema:
        """This schema, with those hidden too whom that filter finds."""
        either = f"(|{self.hidden_filter}{hidden_filter})" if self.hidden_filter else hidden_filter
        return replace(self, hidden_filter=either)

    def with_extra(self, extra: Mapping[str, str]) -> Schema:
        """This schema with a company's own fields: label -> attributes, with blanks between.

        Raises ValueError for an empty label, and for one without attributes.
        """
        for label, attributes in extra.items():
            if not label.strip() or not attributes.split():
                raise ValueError(f"the field {label!r} needs a label and an attribute.")
        return replace(self, extra={label: tuple(a.split()) for label, a in extra.items()})

    @cached_property
    def attributes(self) -> list[str]:
        """What a read has to ask for, operational attributes by name (RFC 4512 3.4)."""
        names = [self.id_attribute, *_flat(self.fields), *_flat(self.extra), *self.account]
        if "usn" in self.changes:
            names.append("uSNChanged")
        if "timestamp" in self.changes:
            names.append("modifyTimestamp")
        return list({name.lower(): name for name in reversed(names)}.values())[::-1]

    @cached_property
    def digest(self) -> bytes:
        """Of all that decides what a record holds: another mapping has another digest."""
        what = (MAPPING_VERSION, self.id_attribute, self.id_is_guid, [*self.fields.items()])
        return blake2b(repr((*what, [*self.extra.items()])).encode(), digest_size=16).digest()

    @cached_property
    def seen_key(self) -> bytes:
        """Of that, and of what makes an account active: for changes.KnownDigests."""
        what = (self.digest, RULES_EDITION, [*self.account.items()])
        return blake2b(repr(what).encode(), digest_size=16).digest()

    @cached_property
    def where(self) -> dict[str, tuple[str, ...]]:
        """`fields`, with attributes named as an Entry names them."""
        return {f: tuple(map(_plain_name, names)) for f, names in self.fields.items()}

    @cached_property
    def where_extra(self) -> dict[str, tuple[str, ...]]:
        return {label: tuple(map(_plain_name, names)) for label, names in self.extra.items()}

    @cached_property
    def mapped(self) -> tuple[str, ...]:
        """Every attribute that a record is made of, once, named as an Entry names it."""
        return tuple(sorted({*_flat(self.where), *_flat(self.where_extra)}))

    @cached_property
    def id_name(self) -> str:
        return _plain_name(self.id_attribute)


def _flat(names: Mapping[str, tuple[str, ...]]) -> Iterable[str]:
    return (name for some in names.values() for name in some)


def _plain_name(attribute: str) -> str:
    """In lower case and without options (RFC 4512 2.5)."""
    return attribute.split(";")[0].lower()
