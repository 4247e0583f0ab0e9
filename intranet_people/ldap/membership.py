"""Membership in LDAP groups, including nested groups."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from .connection import Directory, escape
from .entry import Entry, comparable_dn, key_of
from .groups import MEMBERS, UIDS

_RDN_SEPARATOR = re.compile(r"(?<!\\),")


def is_member_of_any(directory: Directory, entry: Entry, groups: Sequence[str]) -> bool:
    """Whether `entry` is a direct or nested member of one of `groups`, which are DNs.

    Searches from the person upwards, once for each level of nesting, because a group may have any
    number of members. `entry` needs its `uid` for posixGroups. Raises DirectoryError.
    """
    wanted = {key_of(dn) for dn in groups}
    return any(
        _is_below(directory, entry, wanted, base)
        for base in {base_of(dn, directory.base_dn) for dn in groups}
    )


def base_of(group: str, people: str) -> str:
    """The DN to search below, to find the group and those nested in it.

    The closest common parent of both DNs; `group` itself if there is none.
    """
    common: list[str] = []
    for ours, theirs in zip(
        *(reversed(_RDN_SEPARATOR.split(dn)) for dn in (group, people)), strict=False
    ):
        if comparable_dn(ours.strip()) != comparable_dn(theirs.strip()):
            break
        common.insert(0, ours.strip())
    return ",".join(common) or group


def _is_below(directory: Directory, entry: Entry, wanted: set[int], base: str) -> bool:
    known: set[int] = set()
    search_filter = _filter_for(
        [entry.dn], [uid.decode("utf-8", "replace") for uid in entry.values("uid")]
    )
    while True:
        found = {key_of(e.dn): e.dn for e in directory.read(search_filter, ["cn"], base)}
        if wanted & set(found):
            return True
        higher = [dn for key, dn in found.items() if key not in known]
        if not higher:
            return False  # also ends cycles
        known |= set(found)
        search_filter = _filter_for(higher)


def _filter_for(members: Iterable[str], uids: Iterable[str] = ()) -> str:
    """The filter that finds groups with one of these members."""
    named = [(attribute, dn) for dn in members for attribute in MEMBERS]
    named += [(UIDS, uid) for uid in uids]
    return f"(|{''.join(f'({attribute}={escape(value)})' for attribute, value in named)})"
