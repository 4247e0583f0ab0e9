"""Teams that are groups: direct, nested, in a circle, very large, in ranges."""

from __future__ import annotations

import pytest

from intranet_people.ldap.entry import Entry
from intranet_people.ldap.errors import DirectoryError
from intranet_people.ldap.groups import Teams, read_teams

from ..servers.slapd import Slapd
from .conftest import directory_of

PEOPLE = f"ou=people,{Slapd.base_dn}"
TEAMS = f"ou=teams,{Slapd.base_dn}"
GROUPS = "(objectClass=groupOfNames)"


def person(uid: str) -> Entry:
    return Entry(f"uid={uid},{PEOPLE}", {"uid": [uid.encode()]})


def group(name: str, *members: str, attribute: str = "member") -> Entry:
    values = [m.encode() for m in members]
    return Entry(f"cn={name},{TEAMS}", {"cn": [name.encode()], attribute: values})


def team(name: str) -> str:
    return f"cn={name},{TEAMS}"


def test_the_nearest_come_first() -> None:
    teams = Teams(
        [
            group("Research", team("Optics"), team("Calibration")),
            group("Optics", person("kenji").dn),
            group("Calibration", f"UID=Kenji , ou=people,{Slapd.base_dn}", person("alice").dn),
            group("Company", team("Research")),
        ]
    )
    assert teams(person("kenji")) == ["Calibration", "Optics", "Research", "Company"]
    assert teams(person("alice")) == ["Calibration", "Research", "Company"]
    assert teams(person("bob")) == []


def test_a_circle_of_groups_ends() -> None:
    teams = Teams([group("A", team("B"), person("alice").dn), group("B", team("A"), team("B"))])
    assert teams(person("alice")) == ["A", "B"]


def test_other_ways_to_name_a_member() -> None:
    unique = group("Night Watch", person("alice").dn + "#'0101'B", attribute="uniqueMember")
    posix = group("Ops", "Alice", attribute="memberUid")
    unique = Entry(unique.dn, {k.lower(): v for k, v in unique.attributes.items()})
    posix = Entry(posix.dn, {k.lower(): v for k, v in posix.attributes.items()})
    assert Teams([unique, posix])(person("alice")) == ["Night Watch", "Ops"]


def test_the_digest_is_of_names_and_members_alone() -> None:
    one = Teams([group("A", "uid=x", "uid=y"), group("B", "uid=z")])
    other = Teams([group("B", "uid=z"), group("A", "uid=y", "UID=x")])
    assert one.digest == other.digest
    assert one.digest != Teams([group("A", "uid=x"), group("B", "uid=z")]).digest


@pytest.mark.slapd
def test_from_a_real_server_with_a_hundred_thousand_members(changing_slapd: Slapd) -> None:
    crowd = "".join(f"member: uid=p{n},{PEOPLE}\n" for n in range(100_000))
    changing_slapd.add(
        f"dn: {TEAMS}\nobjectClass: organizationalUnit\nou: teams\n\n"
        f"dn: {team('Everyone')}\nobjectClass: groupOfNames\ncn: Everyone\n{crowd}"
        f"member: {team('Optics')}\n\n"
        f"dn: {team('Optics')}\nobjectClass: groupOfNames\ncn: Optics\n"
        f"member: uid=kenji,{PEOPLE}\nmember: {team('Everyone')}\n"
    )
    teams = read_teams(directory_of(changing_slapd), TEAMS, GROUPS)
    assert len(teams) == 2
    assert teams(person("p99999")) == ["Everyone", "Optics"]
    assert teams(person("kenji")) == ["Optics", "Everyone"]


@pytest.mark.slapd
def test_a_base_that_is_not_there_is_named(slapd: Slapd) -> None:
    with pytest.raises(DirectoryError, match="ou=nothing"):
        read_teams(directory_of(slapd), f"ou=nothing,{Slapd.base_dn}", GROUPS)
