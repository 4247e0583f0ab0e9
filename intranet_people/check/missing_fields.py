"""Fields without a value in a sample of entries, and the settings that may fix that."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from ..ldap.accounts import disabled
from ..ldap.entry import Entry, comparable_dn
from ..ldap.mapping import Schema
from ..ldap.record import Record, record_of
from ..text import one_line
from .entries import image_of
from .finding import Finding

DESCRIPTIONS = {
    "handle": "a login name",
    "name": "a name",
    "given_name": "a given name",
    "surname": "a surname",
    "title": "a title",
    "team": "a team",
    "office": "an office",
    "city": "a city",
    "mail": "a mail address",
    "phones": "a phone number",
    "mobiles": "a mobile number",
    "manager": "a manager",
    "time_zone": "a time zone",
    "joined": "a date of joining",
    "photo": "a photo",
}
# Other attributes that directories use for a field, best first.
OTHER_ATTRIBUTES = {
    "id": ("entryUUID", "objectGUID", "ipaUniqueID", "nsUniqueId", "GUID", "ibm-entryUuid"),
    "handle": ("uid", "sAMAccountName", "userPrincipalName", "cn"),
    "name": ("displayName", "cn", "name", "gecos"),
    "given_name": ("givenName",),
    "surname": ("sn",),
    "title": ("title", "personalTitle", "jobTitle", "employeeType", "description"),
    "team": ("department", "ou", "departmentNumber", "division", "businessCategory"),
    "office": ("physicalDeliveryOfficeName", "roomNumber"),
    "city": ("l", "st"),
    "mail": ("mail", "rfc822Mailbox", "mailPrimaryAddress", "email", "userPrincipalName"),
    "phones": ("telephoneNumber", "otherTelephone", "ipPhone"),
    "mobiles": ("mobile", "otherMobile"),
    "manager": ("manager", "supervisor"),
    "time_zone": ("timeZone", "zoneInfo"),
    "joined": ("whenCreated", "createTimestamp"),
    "photo": ("jpegPhoto", "thumbnailPhoto", "photo"),
}
EXPECTED_OF_ALL = ("handle", "mail")


class MissingFields:
    """The findings about missing fields of a sample.

    `overrides` are PEOPLE_LDAP_ATTRIBUTES. `read_all` reads some entries with all attributes; it is
    called once, and only if a field is missing.
    """

    def __init__(
        self,
        sample: Sequence[Entry],
        schema: Schema,
        overrides: Mapping[str, str],
        read_all: Callable[[], Sequence[Entry]],
    ) -> None:
        self.sample, self.schema, self.overrides = sample, schema, overrides
        self.read_all = read_all
        self.records = [r for entry in sample if (r := record_of(entry, schema))]

    def __iter__(self) -> Iterator[Finding]:
        """The id comes first, because entries without an id are not read at all."""
        without, many = len(self.sample) - len(self.records), f"of {len(self.sample):,}"
        if without:
            what = f"{without:,} {many} are left out: they have no {self.schema.id_attribute}."
            yield Finding(None if self.records else False, what, self._hint("id"))
        for field in self.schema.fields if self.records else ():
            missing = sum(not self._has(record, field) for record in self.records)
            if missing == len(self.records):
                mapped = " or ".join(self.schema.fields[field]) or "no attribute is mapped"
                is_fatal = field == "handle"
                what = f"Nobody has {DESCRIPTIONS[field]} ({mapped})."
                yield Finding(False if is_fatal else None, what, self._hint(field))
            elif missing and field in EXPECTED_OF_ALL:
                yield Finding(None, f"Without {DESCRIPTIONS[field]}: {missing:,} {many}.")

    def _has(self, record: Record, field: str) -> bool:
        if field == "handle":
            return record.handle != record.directory_id
        return bool(getattr(record, "manager_key" if field == "manager" else field))

    def _hint(self, field: str) -> str:
        found = self._find_attribute(field)
        if found:
            setting = json.dumps({**self.overrides, field: found})
            return f"{found} looks right: PEOPLE_LDAP_ATTRIBUTES={setting}"
        if field == "time_zone":
            return "Everybody is then in the time zone of PEOPLE_TIME_ZONE."
        if field == "id":
            return "The service account may not read it, or another PEOPLE_LDAP_SCHEMA fits."
        return f'If an attribute has it: PEOPLE_LDAP_ATTRIBUTES={{"{field}": "..."}}'

    def _find_attribute(self, field: str) -> str:
        """The attribute of these entries that probably has the field, or ""."""
        looks_right = VALIDATORS.get(field, bool)
        good = Counter(
            name
            for entry in self._others
            for name, values in entry.attributes.items()
            if any(map(looks_right, values))
        )
        named = [name for name in OTHER_ATTRIBUTES[field] if good[name.lower()]]
        if named or field not in VALIDATORS:
            return next(iter(named), "")
        # A Kerberos principal looks like a mail address but is not one.
        others = [name for name, _ in good.most_common() if not name.startswith("krb")]
        return one_line(next(iter(others), ""))

    @cached_property
    def _others(self) -> Sequence[Entry]:
        return self.read_all()


def inactive(sample: Sequence[Entry], schema: Schema, now: datetime) -> Iterator[Finding]:
    """Inactive accounts by reason, so that a wrong rule that hides many people is noticed."""
    why = Counter(reason for entry in sample if (reason := disabled(entry, schema, now)))
    for reason, count in why.most_common(5):
        yield Finding(None, f"{count:,} of {len(sample):,} are left out: {reason}.")


def managers(sample: Sequence[Entry], schema: Schema, base_dn: str) -> Iterator[Finding]:
    below = comparable_dn(f",{base_dn}")
    named = {
        comparable_dn(value.decode("utf-8", "replace"))
        for attribute in schema.attribute_names["manager"]
        for entry in sample
        for value in entry.values(attribute)
    }
    if outside := [dn for dn in named if not f",{dn}".endswith(below)]:
        yield Finding(
            None,
            f"{len(outside):,} of {len(named):,} managers are outside {base_dn}: not shown.",
            f"For example {one_line(min(outside))}: PEOPLE_LDAP_BASE_DN may be too narrow.",
        )


def _is_mail(value: bytes) -> bool:
    return bool(re.fullmatch(rb"[^@\s]{1,64}@[^@\s]+\.[^@\s.]+", value))


def _is_zone(value: bytes) -> bool:
    try:
        return b"/" in value and bool(ZoneInfo(value.decode("ascii")).key)
    except (ValueError, KeyError, OSError):
        return False


def _is_image(value: bytes) -> bool:
    return bool(image_of(value))


VALIDATORS: dict[str, Callable[[bytes], bool]] = {
    "mail": _is_mail,
    "photo": _is_image,
    "time_zone": _is_zone,
}
