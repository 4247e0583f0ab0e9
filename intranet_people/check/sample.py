"""The people who match the filter: their number, five in full, and missing fields."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice

from ..calendars.source import Owner
from ..clock import now
from ..ldap.accounts import disabled
from ..ldap.changes import Hidden
from ..ldap.connection import Directory, DirectoryError, IncompleteRead
from ..ldap.entry import Entry
from ..ldap.groups import read_teams
from ..ldap.mapping import Schema
from ..ldap.presets import PRESETS
from ..ldap.record import directory_id_of, record_of
from ..settings.settings import Settings
from ..text import one_line
from . import missing_fields
from .entries import describe_entry
from .finding import Finding, Findings, describe

SHOWN_ENTRIES = 5
FULL_ENTRIES = 100
"""Entries to read with all attributes."""
MAX_COUNT = 20_000
"""Entries to count. Servers usually have lower size limits."""
LIMIT_HINT = "Raise the size and time limits that the server sets for the service account."


def people(directory: Directory, schema: Schema, settings: Settings) -> Findings[list[Owner]]:
    """Check the people; returns some active ones, for the check of calendars."""
    sample = yield from _page(directory, schema)
    if not sample:
        return []
    hidden = _read_hidden(directory, schema)
    count = yield from _count_people(directory, schema, hidden)
    if schema.hidden_filter:
        yield _hidden(schema, settings.ldap_hidden, hidden, count)
    sample = _without(hidden, sample, schema)
    for entry in sample[:SHOWN_ENTRIES]:
        yield describe_entry(entry, schema, now())
    yield from _problems(directory, schema, settings.ldap_attributes, sample)
    if settings.ldap_group_base_dn:
        yield _groups(directory, settings.ldap_group_base_dn, settings.ldap_group_filter, sample)
    return _owners(sample, schema)


def _page(directory: Directory, schema: Schema) -> Findings[list[Entry]]:
    """One page of entries, or a few if the server cannot return a page."""
    try:
        sample = directory.find(schema.person_filter, schema.attributes)
    except IncompleteRead as e:
        yield Finding(
            False,
            f"A page of {directory.page_size} people cannot be read: {describe(e)}.",
            LIMIT_HINT,
        )
        sample = _find_few(directory, schema.person_filter, schema.attributes, SHOWN_ENTRIES)
    except DirectoryError as e:
        yield Finding(False, describe(e))
        return []
    if not sample:
        hint = _other_filter(directory, schema) or "Check PEOPLE_LDAP_BASE_DN too."
        what = f"Nobody matches {schema.person_filter}: check PEOPLE_LDAP_PERSON_FILTER."
        yield Finding(False, what, hint)
    return sample


def _other_filter(directory: Directory, schema: Schema) -> str:
    for name, preset in PRESETS.items():
        if preset.person_filter != schema.person_filter and _find_few(
            directory, preset.person_filter, [], 1
        ):
            return f"The filter of the preset {name} finds some: {preset.person_filter}"
    return ""


def _find_few(
    directory: Directory, search_filter: str, attributes: list[str], size: int
) -> list[Entry]:
    """At most `size` entries, none if the server returns an error."""
    try:
        return replace(directory, page_size=size).find(search_filter, attributes)[:size]
    except DirectoryError:
        return []


def _count_people(directory: Directory, schema: Schema, hidden: Hidden) -> Findings[int | None]:
    """Count the people and check for duplicate login names.

    Returns the number, at most MAX_COUNT + 1; None if the read ends early.
    """
    names: dict[str, list[Entry]] = defaultdict(list)
    login, count, is_complete = schema.attribute_names["handle"], 0, False
    attributes = [schema.id_attribute, *login]
    try:
        for entry in islice(directory.read(schema.person_filter, attributes), MAX_COUNT + 1):
            count += 1
            value = next((v for name in login for v in entry.values(name) if v), b"")
            names[value.decode("utf-8", "replace").strip().lower()].append(entry)
    except IncompleteRead as e:
        what = f"The read ends early, after {count:,} people: {describe(e)}."
        yield Finding(False, what, f"{LIMIT_HINT} Until then nobody is ever marked as left.")
    except DirectoryError as e:
        yield Finding(False, describe(e))
    else:
        is_complete = True
        many = f"more than {MAX_COUNT:,}" if count > MAX_COUNT else f"{count:,}"
        yield Finding(True, f"{many} people match {schema.person_filter}.")
    names.pop("", None)
    yield from _duplicates(
        {n: entries for n, entries in names.items() if len(entries) > 1}, schema, hidden
    )
    return count if is_complete else None


def _duplicates(
    names: Mapping[str, list[Entry]], schema: Schema, hidden: Hidden
) -> Iterator[Finding]:
    if names:
        lines = tuple(_duplicate(name, entries, schema, hidden) for name, entries in names.items())
        yield Finding(
            None,
            f"{len(names):,} login names belong to more than one entry each.",
            "The second entry gets another name here, such as name~2: rename one of them.",
            lines[:SHOWN_ENTRIES],
        )


def _duplicate(name: str, entries: list[Entry], schema: Schema, hidden: Hidden) -> str:
    if len(_without(hidden, entries, schema)) == len(entries):
        return one_line(f"{name}: {'; '.join(entry.dn for entry in entries)}")
    # Names would reveal the name of a hidden person, as they share it.
    return "; ".join(directory_id_of(entry, schema) or "an entry without id" for entry in entries)


def _read_hidden(directory: Directory, schema: Schema) -> Hidden:
    try:
        return directory.hidden(schema)
    except DirectoryError as e:
        return Hidden(why_incomplete=e.problem)


def _hidden(schema: Schema, setting: str, hidden: Hidden, count: int | None) -> Finding:
    """How many people are hidden, but not who."""
    by = schema.hidden_filter
    if hidden.why_incomplete:
        what = f"The people hidden by {by} cannot be read: {one_line(str(hidden.why_incomplete))}"
        hint = "Check PEOPLE_LDAP_HIDDEN. Until then, new people are shown to nobody."
        return Finding(False, what, hint)
    total = len(hidden.ids) + len(hidden.dns)
    if count is not None and total >= count:
        what = f"Everybody is hidden by {by}: nobody would be shown."
        return Finding(False, what, "Check PEOPLE_LDAP_HIDDEN.")
    if not total:
        hint = "If that is wrong, check whether the service account may search for the attribute."
        return Finding(None, f"Nobody is hidden by {by}.", hint if setting else "")
    return Finding(True, f"{total:,} {'person is' if total == 1 else 'people are'} hidden by {by}.")


def _without(hidden: Hidden, entries: list[Entry], schema: Schema) -> list[Entry]:
    """The entries that are not hidden; none if the hidden ones are not known."""
    if hidden.why_incomplete:
        return []
    return [
        entry
        for entry in entries
        if directory_id_of(entry, schema) not in hidden.ids and entry.dn not in hidden.dns
    ]


def _problems(
    directory: Directory, schema: Schema, overrides: Mapping[str, str], sample: list[Entry]
) -> Iterator[Finding]:
    def with_all_attributes() -> list[Entry]:
        return _find_few(directory, schema.person_filter, ["*", "+"], FULL_ENTRIES)

    yield from missing_fields.MissingFields(sample, schema, overrides, with_all_attributes)
    yield from missing_fields.inactive(sample, schema, now())
    yield from missing_fields.managers(sample, schema, directory.base_dn)


def _groups(directory: Directory, base: str, group_filter: str, sample: list[Entry]) -> Finding:
    try:
        teams = read_teams(directory, base, group_filter)
    except DirectoryError as e:
        hint = "Check PEOPLE_LDAP_GROUP_BASE_DN and PEOPLE_LDAP_GROUP_FILTER."
        return Finding(False, f"The groups cannot be read: {describe(e)}", hint)
    if not len(teams):
        what = f"No group below {base} matches {group_filter}."
        return Finding(False, what, "Check PEOPLE_LDAP_GROUP_BASE_DN and PEOPLE_LDAP_GROUP_FILTER.")
    found = sum(bool(teams(entry)) for entry in sample)
    what = f"{len(teams):,} groups below {base}; {found:,} of {len(sample):,} people are in one."
    if found:
        return Finding(True, what)
    return Finding(None, what, "Check whether these groups name people by their DN or by uid.")


def _owners(sample: list[Entry], schema: Schema) -> list[Owner]:
    active = (entry for entry in sample if not disabled(entry, schema, now()))
    records = [r for entry in active if (r := record_of(entry, schema))][:SHOWN_ENTRIES]
    return [Owner(record.handle, record.mail or None) for record in records]
