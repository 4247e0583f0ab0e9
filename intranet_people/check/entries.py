"""Shows how a real entry is mapped, attribute by attribute."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from ..ldap.accounts import disabled
from ..ldap.entry import Entry
from ..ldap.mapping import Schema
from ..ldap.record import Record, record_of
from ..text import one_line
from .finding import Finding

IMAGES = {b"\xff\xd8\xff": "JPEG", b"\x89PNG": "PNG", b"RIFF": "WebP"}


def describe_entry(entry: Entry, schema: Schema, now: datetime) -> Finding:
    record = record_of(entry, schema)
    if record is None:
        what = f"{one_line(entry.dn)} has no {schema.id_attribute}, so it is left out."
        return Finding(None, what)
    why = disabled(entry, schema, now)
    state = f"the account is {why}, so it is left out" if why else "active"
    problems = (f"! {problem}" for problem in record.problems)
    is_good = not why and not record.problems
    lines = (*_fields(entry, record, schema), *problems)
    return Finding(is_good or None, f"{record.dn}: {state}", lines=lines)


def _fields(entry: Entry, record: Record, schema: Schema) -> Iterator[str]:
    yield _line("id", entry, (schema.id_attribute,), record.directory_id)
    for field, attributes in schema.fields.items():
        yield _line(field, entry, attributes, value_of(record, field, entry, schema))
    for label, attributes in schema.extra.items():
        yield _line(label, entry, attributes, ", ".join(record.extra.get(label, ())))


def _line(field: str, entry: Entry, attributes: Sequence[str], value: str) -> str:
    """A row of field, attribute and value; without a value, all attributes that could have it."""
    with_value = [a for a in attributes if any(entry.values(a.partition(";")[0]))]
    first = with_value if field in ("phones", "mobiles") else with_value[:1]
    source = ", ".join(first) or " or ".join(attributes) or "(not mapped)"
    return f"{field:12} {source:40} {value or '-'}"


def value_of(record: Record, field: str, entry: Entry, schema: Schema) -> str:
    """The value to be stored, in one line; size and type of a photo."""
    if field == "manager":
        managers = [v for a in schema.attribute_names[field] for v in entry.values(a)]
        return one_line(managers[0].decode("utf-8", "replace")) if record.manager_key else ""
    value = getattr(record, field)
    match value:
        case bytes():
            return f"{len(value):,} bytes, {image_of(value) or 'no photo'}" if value else ""
        case tuple():
            return ", ".join(value)
        case datetime():
            return f"{value:%Y-%m-%d}"
    return value or ""


def image_of(data: bytes) -> str:
    """JPEG, PNG or WebP, according to the first bytes; else ""."""
    return next((name for start, name in IMAGES.items() if data.startswith(start)), "")
