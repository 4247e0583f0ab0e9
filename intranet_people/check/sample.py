"""The people whom the filter finds: how many, five of them in full, and what they lack."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice

from ..calendars.source import Owner
from ..clock import now
from ..ldap.changes import Hidden
from ..ldap.connection import Directory, DirectoryError, IncompleteRead
from ..ldap.entry import Entry
from ..ldap.groups import read_teams
from ..ldap.schemas import PRESETS, Schema, directory_id_of, disabled, record_of
from ..settings.settings import Settings
from ..text import one_line
from . import missing_fields as lacks
from .entries import shown
from .finding import Finding, Findings, describe

SHOWN = 5
LOOKED_INTO = 100
"""Entries that are read with all their attributes."""
MOST = 20_000
"""Entries that are counted: beyond it no limit of a server is expected."""
LIMIT = "Raise the size and time limits that the server sets for the service account."


def people(one: Directory, schema: Schema, s: Settings) -> Findings[list[Owner]]:
    """Some who are active, with whose calendars the rest can be tried."""
    sample = yield from _page(one, schema)
    if not sample:
        return []
    hidden = _whom_it_hides(one, schema)
    count = yield from _everyone(one, schema, hidden)
    if schema.hidden_filter:
        yield _hidden(schema, s.ldap_hidden, hidden, count)
    sample = _without(hidden, sample, schema)
    for entry in sample[:SHOWN]:
        yield shown(entry, schema, now())
    yield from _problems(one, schema, s.ldap_attributes, sample)
    if s.ldap_group_base_dn:
        yield _groups(one, s.ldap_group_base_dn, s.ldap_group_filter, sample)
    return _owners(sample, schema)


def _page(one: Directory, schema: Schema) -> Findings[list[Entry]]:
    """One page, or a few where the server does not give a page."""
    try:
        sample = one.find(schema.person_filter, schema.attributes)
    except IncompleteRead as e:
        yield Finding(
            False, f"A page of {one.page_size} people cannot be read: {describe(e)}.", LIMIT
        )
        sample = _some(one, schema.person_filter, schema.attributes, SHOWN)
    except DirectoryError as e:
        yield Finding(False, describe(e))
        return []
    if not sample:
        hint = _other_filter(one, schema) or "Check PEOPLE_LDAP_BASE_DN too."
        what = f"Nobody matches {schema.person_filter}: check PEOPLE_LDAP_PERSON_FILTER."
        yield Finding(False, what, hint)
    return sample


def _other_filter(one: Directory, schema: Schema) -> str:
    for name, preset in PRESETS.items():
        if preset.person_filter != schema.person_filter and _some(one, preset.person_filter, [], 1):
            return f"The filter of the preset {name} finds some: {preset.person_filter}"
    return ""


def _some(one: Directory, search_filter: str, attributes: list[str], size: int) -> list[Entry]:
    """At most `size` entries; none where the server does not give them."""
    try:
        return replace(one, page_size=size).find(search_filter, attributes)[:size]
    except DirectoryError:
        return []


def _everyone(one: Directory, schema: Schema, hidden: Hidden) -> Findings[int | None]:
    """How many there are, read as far as a limit would show, None where the read ends early; and
    the login names they share."""
    names: dict[str, list[Entry]] = defaultdict(list)
    login, count, is_whole = schema.attribute_names["handle"], 0, False
    wanted = [schema.id_attribute, *login]
    try:
        for entry in islice(one.read(schema.person_filter, wanted), MOST + 1):
            count += 1
            value = next((v for name in login for v in entry.values(name) if v), b"")
            names[value.decode("utf-8", "replace").strip().lower()].append(entry)
    except IncompleteRead as e:
        what = f"The read ends early, after {count:,} people: {describe(e)}."
        yield Finding(False, what, f"{LIMIT} Until then nobody is ever marked as left.")
    except DirectoryError as e:
        yield Finding(False, describe(e))
    else:
        is_whole = True
        many = f"more than {MOST:,}" if count > MOST else f"{count:,}"
        yield Finding(True, f"{many} people match {schema.person_filter}.")
    names.pop("", None)
    yield from _twice({n: some for n, some in names.items() if len(some) > 1}, schema, hidden)
    return count if is_whole else None


def _twice(names: Mapping[str, list[Entry]], schema: Schema, hidden: Hidden) -> Iterator[Finding]:
    if names:
        lines = tuple(_shared(name, entries, schema, hidden) for name, entries in names.items())
        yield Finding(
            None,
            f"{len(names):,} login names belong to more than one entry each.",
            "The second entry gets another name here, such as name~2: rename one of them.",
            lines[:SHOWN],
        )


def _shared(name: str, entries: list[Entry], schema: Schema, hidden: Hidden) -> str:
    if len(_without(hidden, entries, schema)) == len(entries):
        return one_line(f"{name}: {'; '.join(entry.dn for entry in entries)}")
    # The names of the others would tell that of who is hidden.
    return "; ".join(directory_id_of(entry, schema) or "an entry without id" for entry in entries)


def _whom_it_hides(one: Directory, schema: Schema) -> Hidden:
    try:
        return one.hidden(schema)
    except DirectoryError as e:
        return Hidden(why_incomplete=e.problem)


def _hidden(schema: Schema, setting: str, hidden: Hidden, count: int | None) -> Finding:
    """How many are hidden; never who."""
    by = schema.hidden_filter
    if hidden.why_incomplete:
        what = f"The people hidden by {by} cannot be read: {one_line(str(hidden.why_incomplete))}"
        hint = "Check PEOPLE_LDAP_HIDDEN. Until then, new people are shown to nobody."
        return Finding(False, what, hint)
    some = len(hidden.ids) + len(hidden.dns)
    if count is not None and some >= count:
        what = f"Everybody is hidden by {by}: nobody would be shown."
        return Finding(False, what, "Check PEOPLE_LDAP_HIDDEN.")
    if not some:
        hint = "If that is wrong, check whether the service account may search for the attribute."
        return Finding(None, f"Nobody is hidden by {by}.", hint if setting else "")
    return Finding(True, f"{some:,} {'person is' if some == 1 else 'people are'} hidden by {by}.")


def _without(hidden: Hidden, entries: list[Entry], schema: Schema) -> list[Entry]:
    """The others; nobody where it is not known who is hidden."""
    if hidden.why_incomplete:
        return []
    return [
        entry
        for entry in entries
        if directory_id_of(entry, schema) not in hidden.ids and entry.dn not in hidden.dns
    ]


def _problems(
    one: Directory, schema: Schema, overrides: Mapping[str, str], sample: list[Entry]
) -> Iterator[Finding]:
    def with_all_attributes() -> list[Entry]:
        return _some(one, schema.person_filter, ["*", "+"], LOOKED_INTO)

    yield from lacks.MissingFields(sample, schema, overrides, with_all_attributes)
    yield from lacks.inactive(sample, schema, now())
    yield from lacks.managers(sample, schema, one.base_dn)


def _groups(one: Directory, base: str, group_filter: str, sample: list[Entry]) -> Finding:
    try:
        teams = read_teams(one, base, group_filter)
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
    records = [r for entry in active if (r := record_of(entry, schema))][:SHOWN]
    return [Owner(record.handle, record.mail or None) for record in records]
