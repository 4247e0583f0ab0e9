"""What changed in Active Directory: by the counter that each domain controller keeps for itself."""

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace

import pytest

from intranet_people.ldap.changes import Checkpoint, Read, StartOver
from intranet_people.ldap.connection import Directory
from intranet_people.ldap.entry import Entry
from intranet_people.ldap.groups import read_teams
from intranet_people.ldap.presets import AD
from intranet_people.ldap.record import record_of

from ..servers.samba import Samba
from .domain import domain_of, people_of

pytestmark = pytest.mark.samba
PERSON = "dn: CN=%s,OU=%s,OU=Northwind,DC=ad,DC=test\n"
ALICE = PERSON % ("Alice Liddell", "Rotterdam")
BOB = PERSON % ("Bob Marsh", "Rotterdam")
NOOR = PERSON % ("Noor Haddad", "Tunis")
A_NEWCOMER = f"{NOOR}objectClass: user\nsAMAccountName: noor\ndisplayName: Noor Haddad\n"
A_GROUP = "dn: CN=Everybody,OU=Groups,OU=Northwind,DC=ad,DC=test\n"


def first_way(directory: Directory, checkpoint: Checkpoint | None) -> tuple[Read, list[Entry]]:
    """The best way to read from there, and who came by it."""
    for read in directory.reads(AD, checkpoint):
        return read, list(read)
    raise AssertionError("no way at all")


def handles(entries: list[Entry]) -> list[str]:
    return sorted(value.decode().lower() for e in entries for value in e.values("sAMAccountName"))


@pytest.fixture
def as_administrator(changing_samba: Samba) -> Directory:
    """Who may see what was deleted."""
    who = {"bind_dn": changing_samba.admin_dn, "bind_password": changing_samba.admin_password}
    return domain_of(changing_samba, **who)


class OfFive(Directory):
    """Asks for five members at a time: Samba sends all of them unless it is asked so."""

    def read(
        self, search_filter: str, attributes: Sequence[str], base_dn: str = ""
    ) -> Iterator[Entry]:
        parts = {"member": "member;range=0-4", "member;range=5-*": "member;range=5-9"}
        asked = [parts.get(attribute, attribute) for attribute in attributes]
        return super().read(search_filter, asked, base_dn)


def test_the_first_read_is_full_and_leaves_a_mark(samba: Samba) -> None:
    read, entries = first_way(domain_of(samba), None)
    assert read.is_full
    assert len(entries) == 14
    assert read.checkpoint is not None
    assert read.checkpoint.way == "usn"
    assert "CN=DC1" in read.checkpoint.server
    assert Checkpoint.of_json(read.checkpoint.as_json()) == read.checkpoint


def test_without_a_change_nobody_comes(samba: Samba) -> None:
    checkpoint = first_way(domain_of(samba), None)[0].checkpoint
    read, entries = first_way(domain_of(samba), checkpoint)
    assert (read.is_full, entries, read.gone, read.present) == (False, [], set(), None)
    assert read.checkpoint is not None


def test_who_changed_and_only_they(changing_samba: Samba) -> None:
    directory = domain_of(changing_samba)
    checkpoint = first_way(directory, None)[0].checkpoint
    changing_samba.modify(
        f"{ALICE}changetype: modify\nreplace: title\ntitle: Head of Calibration\n"
    )
    changing_samba.modify(f"{BOB}changetype: modrdn\nnewrdn: CN=Robert Marsh\ndeleteoldrdn: 1\n")
    changing_samba.add(A_NEWCOMER)
    changing_samba.add(f"{A_GROUP}objectClass: group\nsAMAccountName: Everybody\n")
    read, entries = first_way(directory, checkpoint)
    assert not read.is_full
    assert handles(entries) == ["alice", "bob", "noor"]
    records = [record_of(entry, AD) for entry in entries]
    assert {(r.handle, r.title) for r in records if r} >= {("alice", "Head of Calibration")}
    again, nobody = first_way(directory, read.checkpoint)
    assert (nobody, again.gone) == ([], set())


def test_who_was_disabled_comes_too(changing_samba: Samba) -> None:
    directory = domain_of(changing_samba)
    checkpoint = first_way(directory, None)[0].checkpoint
    changing_samba.modify(
        f"{ALICE}changetype: modify\nreplace: userAccountControl\nuserAccountControl: 514\n"
    )
    assert handles(first_way(directory, checkpoint)[1]) == ["alice"]


def test_who_was_deleted_is_named(changing_samba: Samba, as_administrator: Directory) -> None:
    bob = people_of(changing_samba)["bob"].directory_id
    checkpoint = first_way(as_administrator, None)[0].checkpoint
    changing_samba.delete(BOB.removeprefix("dn: ").strip())
    read, entries = first_way(as_administrator, checkpoint)
    assert entries == []
    assert read.gone == {bob.replace("-", "")}
    assert first_way(as_administrator, read.checkpoint)[0].gone == set()


def test_where_deletes_are_not_told_a_full_read_finds_them(changing_samba: Samba) -> None:
    """The service account may not see deleted objects: an incremental read says nothing of them."""
    directory = domain_of(changing_samba)
    checkpoint = first_way(directory, None)[0].checkpoint
    changing_samba.delete(BOB.removeprefix("dn: ").strip())
    read, entries = first_way(directory, checkpoint)
    assert (entries, read.is_full, read.gone) == ([], False, set())
    assert "bob" not in handles(first_way(directory, None)[1])


@pytest.mark.parametrize(
    "other",
    [
        {"server": "CN=NTDS Settings,CN=DC2,CN=Servers,DC=ad,DC=test 00"},
        {"value": "99999999"},
        {"value": "no number"},
    ],
    ids=["another controller", "a counter that went back", "nonsense"],
)
def test_a_mark_of_something_else_starts_over(samba: Samba, other: dict[str, str]) -> None:
    directory = domain_of(samba)
    checkpoint = first_way(directory, None)[0].checkpoint
    assert checkpoint is not None
    ways = directory.reads(AD, replace(checkpoint, **other))
    with pytest.raises(StartOver):
        list(next(ways))
    full = next(ways)
    assert full.is_full
    assert len(list(full)) == 14
    assert full.checkpoint == checkpoint


def test_a_controller_restored_from_a_backup(changing_samba: Samba) -> None:
    """It counts less than it did."""
    directory = domain_of(changing_samba)
    changing_samba.add(A_NEWCOMER)
    checkpoint = first_way(directory, None)[0].checkpoint
    changing_samba.restore()
    with pytest.raises(StartOver):
        first_way(directory, checkpoint)


def test_whose_manager_was_renamed_does_not_come(changing_samba: Samba) -> None:
    """The link follows by itself and counts for nobody but the renamed."""
    directory = domain_of(changing_samba)
    dana = people_of(changing_samba)["dana"]
    checkpoint = first_way(directory, None)[0].checkpoint
    changing_samba.modify(
        f"{PERSON % ('Dana Whitfield', 'Rotterdam')}"
        "changetype: modrdn\nnewrdn: CN=Dana Marsh\ndeleteoldrdn: 1\n"
    )
    assert handles(first_way(directory, checkpoint)[1]) == ["dana"]
    after = people_of(changing_samba)
    assert after["alice"].manager_key == after["dana"].dn_key != dana.dn_key


def test_more_members_than_one_answer_holds(changing_samba: Samba) -> None:
    """As ranges (MS-ADTS 3.1.1.3.1.3.3); the first of the members may be in the last of them."""
    members = "".join(f"member: {p.dn}\n" for p in people_of(changing_samba).values())
    changing_samba.add(f"{A_GROUP}objectClass: group\nsAMAccountName: Everybody\n{members}")
    whole = domain_of(changing_samba)
    in_parts = OfFive(**{f.name: getattr(whole, f.name) for f in fields(whole)})
    (part,) = in_parts.read("(sAMAccountName=Everybody)", ["member"])
    assert [(name, len(values)) for name, values in part.attributes.items() if values] == [
        ("member;range=0-4", 5)
    ]
    teams = read_teams(in_parts, changing_samba.base_dn, "(objectClass=group)")
    assert len(teams) == 3
    for entry in first_way(whole, None)[1]:
        assert "Everybody" in teams(entry)


def test_groups_in_groups(samba: Samba) -> None:
    directory = domain_of(samba)
    teams = read_teams(directory, samba.base_dn, "(objectClass=group)")
    everybody = {handles([entry])[0]: entry for entry in first_way(directory, None)[1]}
    assert teams(everybody["priya"]) == teams(everybody["joerg"]) == ["Firmware", "Engineers"]
    assert teams(everybody["dana"]) == []
