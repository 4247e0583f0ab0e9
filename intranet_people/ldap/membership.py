"""Whether somebody is in a group, through as many groups as there are between."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from .connection import Directory, escape
from .entry import Entry, comparable_dn, key_of
from .groups import MEMBERS, UIDS

_BETWEEN = re.compile(r"(?<!\\),")


def is_in_one(directory: Directory, entry: Entry, groups: Sequence[str]) -> bool:
    """Whether one of `groups` (DNs) has `entry` as a member, itself or by a group within it.

    Asked from the person upwards, a question for each level: a group may have any number of
    members. `entry` has its `uid`, by which a posixGroup knows it. Raises DirectoryError.
    """
    wanted = {key_of(dn) for dn in groups}
    return any(
        _is_below(directory, entry, wanted, base)
        for base in {base_of(dn, directory.base_dn) for dn in groups}
    )


def base_of(group: str, people: str) -> str:
    """The DN that both are below, so that the groups between are found too.

    Of two that have nothing in common, the group itself.
    """
    common: list[str] = []
    for ours, theirs in zip(
        *(reversed(_BETWEEN.split(dn)) for dn in (group, people)), strict=False
    ):
        if comparable_dn(ours.strip()) != comparable_dn(theirs.strip()):
            break
        common.insert(0, ours.strip())
    return ",".join(common) or group


def _is_below(directory: Directory, entry: Entry, wanted: set[int], base: str) -> bool:
    known: set[int] = set()
    search_filter = _has(
        [entry.dn], [uid.decode("utf-8", "replace") for uid in entry.values("uid")]
    )
    while True:
        found = {key_of(e.dn): e.dn for e in directory.read(search_filter, ["cn"], base)}
        if wanted & set(found):
            return True
        higher = [dn for key, dn in found.items() if key not in known]
        if not higher:
            return False  # also where they go round in a circle
        known |= set(found)
        search_filter = _has(higher)


def _has(members: Iterable[str], uids: Iterable[str] = ()) -> str:
    """The filter of groups that name one of them."""
    named = [(attribute, dn) for dn in members for attribute in MEMBERS]
    named += [(UIDS, uid) for uid in uids]
    return f"(|{''.join(f'({attribute}={escape(value)})' for attribute, value in named)})"
