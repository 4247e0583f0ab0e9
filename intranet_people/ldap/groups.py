"""Teams from LDAP groups, including nested groups."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from hashlib import blake2b

from .connection import Directory
from .entry import Entry, Unreadable, clean, key_of
from .errors import DirectoryError

MEMBERS = ("member", "uniqueMember")
UIDS = "memberUid"
# RFC 4519 2.40: a uniqueMember is a DN, followed by a bit string if that DN is not unique.
_UID_SUFFIX = re.compile(rb"#'[01]*'B\Z")
# The settings to name in errors, instead of those for people.
_SETTINGS = {"no-base": "PEOPLE_LDAP_GROUP_BASE_DN", "no-filter": "PEOPLE_LDAP_GROUP_FILTER"}
_RANGE = re.compile(r"member;range=\d+-(\d+)\Z")


class Teams:
    """The groups of the directory. Call it with an entry to get the names of its teams.

    Direct groups come first, then the groups that contain these, and so on.
    """

    def __init__(self, groups: Iterable[Entry]) -> None:
        self._names: dict[int, str] = {}
        self._groups_of: dict[int | bytes, list[int]] = {}
        content = blake2b(digest_size=16)
        for group in sorted(groups, key=lambda group: group.dn):
            key, name = key_of(group.dn), _name(group)
            self._names[key] = name
            members = sorted(set(_members(group)), key=str)
            content.update(repr((key, name, members)).encode())
            for member in members:
                self._groups_of.setdefault(member, []).append(key)
        self.digest = content.hexdigest()

    def __len__(self) -> int:
        return len(self._names)

    def __call__(self, entry: Entry) -> list[str]:
        found: list[int] = []
        nearest: Iterable[int | bytes] = [key_of(entry.dn), *map(bytes.lower, entry.values("uid"))]
        while level := self._level(nearest, found):
            found += level
            nearest = level
        return list(dict.fromkeys(self._names[key] for key in found))

    def _level(self, members: Iterable[int | bytes], found: list[int]) -> list[int]:
        """The groups that contain one of `members`, without those `found`, which ends cycles."""
        keys = {key for member in members for key in self._groups_of.get(member, ())}
        return sorted(keys - set(found), key=lambda key: (self._names[key].casefold(), key))


def read_teams(directory: Directory, base_dn: str, group_filter: str) -> Teams:
    """All groups below `base_dn`. Raises DirectoryError, also for an incomplete read."""
    try:
        groups = list(directory.read(group_filter, ["cn", *MEMBERS, UIDS], base_dn))
        for group in groups:
            _read_all_members(directory, group)
    except DirectoryError as e:
        if setting := _SETTINGS.get(e.problem.code):
            raise type(e)(e.problem._replace(detail=setting)) from e
        raise
    return Teams(groups)


def _read_all_members(directory: Directory, group: Entry) -> None:
    """Active Directory sends 1,500 members at a time (MS-ADTS 3.1.1.3.1.3.3)."""
    values = list(group.values("member"))
    part = _member_range(group)
    while part:
        name, last = part
        values += group.attributes.pop(name)
        if last is None:
            break
        rest = directory.read("(objectClass=*)", [f"member;range={last + 1}-*"], group.dn)
        group.attributes.update(next(iter(rest)).attributes)
        part = _member_range(group)
    group.attributes["member"] = values


def _member_range(group: Entry) -> tuple[str, int | None] | None:
    """The attribute with a range of the members, and the index of its last one, which is None in
    the last range. None if there is no such attribute."""
    for name in group.attributes:
        if name.startswith("member;range="):
            match = _RANGE.match(name)
            return name, int(match[1]) if match else None
    return None


def _members(group: Entry) -> Iterator[int | bytes]:
    for attribute in MEMBERS:
        for value in group.values(attribute):
            dn = _UID_SUFFIX.sub(b"", value).decode("utf-8", "replace")
            yield key_of(dn)
    yield from map(bytes.lower, group.values(UIDS))


def _name(group: Entry) -> str:
    for value in group.values("cn"):
        try:
            if name := clean(value):
                return name
        except Unreadable:
            pass
    return group.dn
