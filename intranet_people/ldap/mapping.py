"""Schema: the mapping of directory attributes to the fields of a person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import blake2b

# Increment when record_of or sort_key returns another result for the same values.
MAPPING_VERSION = 3
# Increment when a rule of accounts.RULES returns another result for the same value.
RULES_VERSION = 1


@dataclass(frozen=True)
class Schema:
    """A mapping: field -> attributes. The first attribute with a value wins.

    `phones` and `mobiles` collect the values of all their attributes.

    account        attribute -> the rule in accounts.RULES that finds inactive accounts
    changes        strategies to read changes, best first: "syncrepl", "usn", "timestamp"
    extra          label on the profile -> attributes: a company's own fields
    hidden_filter  LDAP filter for the people to hide; "" hides nobody
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
        """A copy with other attributes for some fields, or for "id", the immutable id.

        Raises ValueError for an unknown field, a missing "handle", and an "id" that is not exactly
        one attribute.
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
        # syncrepl names entries by the server's own id (RFC 4533 3.3.1).
        changes = tuple(way for way in self.changes if way != "syncrepl")
        is_guid = _plain_name(name) == "objectguid"
        return replace(self, id_attribute=name, id_is_guid=is_guid, changes=changes)

    def with_filter(self, person_filter: str) -> Schema:
        return replace(self, person_filter=person_filter)

    def with_hidden(self, hidden_filter: str) -> Schema:
        """A copy that also hides the people who match this filter."""
        either = f"(|{self.hidden_filter}{hidden_filter})" if self.hidden_filter else hidden_filter
        return replace(self, hidden_filter=either)

    def with_extra(self, extra: Mapping[str, str]) -> Schema:
        """A copy with a company's own fields: label -> attributes, separated by spaces.

        Raises ValueError for an empty label and for a label without attributes.
        """
        for label, attributes in extra.items():
            if not label.strip() or not attributes.split():
                raise ValueError(f"the field {label!r} needs a label and an attribute.")
        return replace(self, extra={label: tuple(a.split()) for label, a in extra.items()})

    @cached_property
    def attributes(self) -> list[str]:
        """The attributes to request. Operational ones must be named (RFC 4512 3.4)."""
        names = [self.id_attribute, *_flat(self.fields), *_flat(self.extra), *self.account]
        if "usn" in self.changes:
            names.append("uSNChanged")
        if "timestamp" in self.changes:
            names.append("modifyTimestamp")
        return list({name.lower(): name for name in reversed(names)}.values())[::-1]

    @cached_property
    def digest(self) -> bytes:
        """16 bytes, different for every mapping that could make another record of an entry."""
        what = (MAPPING_VERSION, self.id_attribute, self.id_is_guid, [*self.fields.items()])
        return blake2b(repr((*what, [*self.extra.items()])).encode(), digest_size=16).digest()

    @cached_property
    def digest_key(self) -> bytes:
        """`digest` and the account rules, as the key of changes.KnownDigests."""
        what = (self.digest, RULES_VERSION, [*self.account.items()])
        return blake2b(repr(what).encode(), digest_size=16).digest()

    @cached_property
    def attribute_names(self) -> dict[str, tuple[str, ...]]:
        """`fields` with the names that Entry.attributes uses."""
        return {f: tuple(map(_plain_name, names)) for f, names in self.fields.items()}

    @cached_property
    def extra_attribute_names(self) -> dict[str, tuple[str, ...]]:
        """`extra` with the names that Entry.attributes uses."""
        return {label: tuple(map(_plain_name, names)) for label, names in self.extra.items()}

    @cached_property
    def mapped_attributes(self) -> tuple[str, ...]:
        """The attributes of all fields, sorted and unique, with the names of Entry.attributes."""
        return tuple(sorted({*_flat(self.attribute_names), *_flat(self.extra_attribute_names)}))

    @cached_property
    def id_name(self) -> str:
        return _plain_name(self.id_attribute)


def _flat(names: Mapping[str, tuple[str, ...]]) -> Iterable[str]:
    return (name for attributes in names.values() for name in attributes)


def _plain_name(attribute: str) -> str:
    """In lower case and without options (RFC 4512 2.5)."""
    return attribute.split(";")[0].lower()
