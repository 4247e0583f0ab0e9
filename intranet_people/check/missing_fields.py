"""What a sample of the entries lacks, and the setting that would mend it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from ..ldap.entry import Entry, comparable_dn
from ..ldap.schemas import Record, Schema, disabled, record_of
from ..text import one_line
from .entries import image_of
from .finding import Finding

WORDS = {
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
# Where directories keep it, if not where the preset looks; the best first.
ELSEWHERE = {
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
NEEDED_BY_ALL = ("handle", "mail")


class MissingFields:
    """Of a sample. `read_all` reads some entries with all their attributes; it is asked once, and
    only where something is missing. `overrides` are PEOPLE_LDAP_ATTRIBUTES."""

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
        """The missing id first: without it nothing else is read."""
        without, many = len(self.sample) - len(self.records), f"of {len(self.sample):,}"
        if without:
            what = f"{without:,} {many} are left out: they have no {self.schema.id_attribute}."
            yield Finding(None if self.records else False, what, self._hint("id"))
        for field in self.schema.fields if self.records else ():
            lacking = sum(not self._has(record, field) for record in self.records)
            if lacking == len(self.records):
                mapped = " or ".join(self.schema.fields[field]) or "no attribute is mapped"
                is_fatal = field == "handle"
                what = f"Nobody has {WORDS[field]} ({mapped})."
                yield Finding(False if is_fatal else None, what, self._hint(field))
            elif lacking and field in NEEDED_BY_ALL:
                yield Finding(None, f"Without {WORDS[field]}: {lacking:,} {many}.")

    def _has(self, record: Record, field: str) -> bool:
        if field == "handle":
            return record.handle != record.directory_id
        return bool(getattr(record, "manager_key" if field == "manager" else field))

    def _hint(self, field: str) -> str:
        found = self._elsewhere(field)
        if found:
            setting = json.dumps({**self.overrides, field: found})
            return f"{found} looks right: PEOPLE_LDAP_ATTRIBUTES={setting}"
        if field == "time_zone":
            return "Everybody is then in the time zone of PEOPLE_TIME_ZONE."
        if field == "id":
            return "The service account may not read it, or another PEOPLE_LDAP_SCHEMA fits."
        return f'If an attribute has it: PEOPLE_LDAP_ATTRIBUTES={{"{field}": "..."}}'

    def _elsewhere(self, field: str) -> str:
        """The attribute of these entries that may well hold the field."""
        looks = LOOKS.get(field, bool)
        good = Counter(
            name
            for entry in self._others
            for name, values in entry.attributes.items()
            if any(map(looks, values))
        )
        named = [name for name in ELSEWHERE[field] if good[name.lower()]]
        if named or field not in LOOKS:
            return next(iter(named), "")
        # A principal of Kerberos looks like a mail address, and is none.
        others = [name for name, _ in good.most_common() if not name.startswith("krb")]
        return one_line(next(iter(others), ""))

    @cached_property
    def _others(self) -> Sequence[Entry]:
        return self.read_all()


def inactive(sample: Sequence[Entry], schema: Schema, now: datetime) -> Iterator[Finding]:
    """Whose accounts are not active, and why: so that no wrong rule hides half the company."""
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


LOOKS: dict[str, Callable[[bytes], bool]] = {
    "mail": _is_mail,
    "photo": _is_image,
    "time_zone": _is_zone,
}
