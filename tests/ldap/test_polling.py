"""What changed, by the server's clock; the counters of Active Directory are in test_ad_changes."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from intranet_people.ldap.changes import KnownDigests, digest_of
from intranet_people.ldap.connection import Checkpoint, Directory, IncompleteRead, Read, StartOver
from intranet_people.ldap.entry import Entry
from intranet_people.ldap.messages import Reference
from intranet_people.ldap.presets import INETORGPERSON
from intranet_people.ldap.search import References, Session

from ..servers.slapd import NORTHWIND, Slapd
from .conftest import directory_of
from .wire import Fault, wire

pytestmark = pytest.mark.slapd
PEOPLE = f"ou=people,{Slapd.base_dn}"
BY_CLOCK = replace(INETORGPERSON, changes=("timestamp",))
LONG_AGO = "20200301120000Z"


@pytest.fixture
def old_slapd(slapd: Slapd, tmp_path: Path) -> Iterator[Slapd]:
    """Where nobody has changed since March 2020, as far as its clock knows."""
    ldif = tmp_path / "old.ldif"
    person = "objectClass: inetOrgPerson\n"
    text = NORTHWIND.read_text("utf-8")
    ldif.write_text(text.replace(person, f"{person}modifyTimestamp: {LONG_AGO}\n"), "utf-8")
    with Slapd(ldif) as server:
        yield server


def added(slapd: Slapd, uid: str, time: str) -> None:
    """Somebody who changed at that time of the server's."""
    slapd.add(
        f"dn: uid={uid},{PEOPLE}\nobjectClass: inetOrgPerson\nuid: {uid}\ncn: {uid}\nsn: {uid}\n"
        f"modifyTimestamp: {time}\n",
        relax=True,
    )


def changes(directory: Directory, value: str) -> tuple[list[str], Read]:
    """Who changed since that time, in order."""
    read = next(directory.reads(BY_CLOCK, Checkpoint("timestamp", "", value)))
    assert not read.is_full
    return sorted(e.values("uid")[0].decode() for e in read), read


def full(directory: Directory) -> Read:
    (read,) = directory.reads(BY_CLOCK, None)
    assert len(list(read)) >= 12
    return read


def test_a_full_read_ends_with_the_latest_time_of_the_server(old_slapd: Slapd) -> None:
    directory = directory_of(old_slapd, page_size=5)
    assert full(directory).checkpoint == Checkpoint("timestamp", "", LONG_AGO)
    added(old_slapd, "noor", "20200301143000.75+0200")
    read = full(directory)
    assert read.checkpoint == Checkpoint("timestamp", "", "20200301123000Z")
    assert (read.is_full, read.gone, read.present) == (True, set(), None)


def test_what_changed_since_but_for_ten_minutes(old_slapd: Slapd) -> None:
    directory = directory_of(old_slapd)
    added(old_slapd, "noor", "20200301130000Z")
    added(old_slapd, "sofia", "20200301131000Z")
    names, read = changes(directory, "20200301130959Z")
    assert (names, read.checkpoint) == (
        ["noor", "sofia"],
        Checkpoint("timestamp", "", "20200301131000Z"),
    )
    names, read = changes(directory, "20200301131001Z")
    assert (names, read.checkpoint) == (["sofia"], Checkpoint("timestamp", "", "20200301131001Z"))
    assert (read.gone, read.present) == (set(), None)
    assert changes(directory, "20200301132001Z")[0] == []


@pytest.mark.parametrize(
    "written",
    ["20200301131001Z", "20200301131001.5Z", "20200301151001,99+0200", "2020030109.1675-04"],
)
def test_a_time_in_any_way_of_writing(old_slapd: Slapd, written: str) -> None:
    added(old_slapd, "noor", "20200301130000Z")
    added(old_slapd, "sofia", "20200301131000Z")
    assert changes(directory_of(old_slapd), written)[0] == ["sofia"]


def test_whoever_changes_now_comes(old_slapd: Slapd) -> None:
    directory = directory_of(old_slapd)
    old_slapd.modify(
        f"dn: uid=alice,{PEOPLE}\nchangetype: modify\nreplace: title\ntitle: Head of Calibration\n"
    )
    names, read = changes(directory, LONG_AGO[:8] + "125500Z")
    assert names == ["alice"]
    assert read.checkpoint is not None
    assert read.checkpoint.value > "2026"


def test_a_time_that_cannot_be_is_no_mark(old_slapd: Slapd) -> None:
    added(old_slapd, "noor", "20990101000000Z")
    assert full(directory_of(old_slapd)).checkpoint == Checkpoint("timestamp", "", LONG_AGO)
    names, read = changes(directory_of(old_slapd), LONG_AGO)
    assert "noor" in names
    assert read.checkpoint == Checkpoint("timestamp", "", LONG_AGO)


@pytest.mark.parametrize("value", ["", "yesterday", "00010101000000Z", "20201340000000Z"])
def test_a_mark_that_is_no_time_starts_over(old_slapd: Slapd, value: str) -> None:
    with pytest.raises(StartOver):
        changes(directory_of(old_slapd), value)


def test_an_incomplete_read_leaves_no_mark(old_slapd: Slapd) -> None:
    with wire(old_slapd.port) as line:
        directory = directory_of(old_slapd, uris=[line.uri], starttls=False)
        full(directory)
        size = line.sent
    with wire(old_slapd.port, fault=Fault(size - 20)) as line:
        directory = directory_of(old_slapd, uris=[line.uri], starttls=False)
        for read in directory.reads(BY_CLOCK, Checkpoint("timestamp", "", LONG_AGO)):
            came: list[Entry] = []
            with pytest.raises(IncompleteRead):
                came.extend(read)
            assert (len(came), read.checkpoint) == (12, None)


ROOT = Entry(
    "",
    {
        "dsservicename": [b"CN=NTDS Settings,CN=DC1,CN=Servers,CN=Configuration,DC=corp"],
        "defaultnamingcontext": [b"DC=eu,DC=corp,DC=example"],
        "rootdomainnamingcontext": [b"DC=corp,DC=example"],
    },
)


@pytest.mark.parametrize(
    ("urls", "holds_nobody"),
    [
        (["ldap://corp.example/CN=Configuration,DC=corp,DC=example"], True),
        (["ldaps://x/CN=Configuration,%20DC=Corp,DC=example??base"], True),
        (["ldap://x/DC=ForestDnsZones,DC=corp,DC=example"], True),
        (["ldap://x/DC=DomainDnsZones,DC=eu,DC=corp,DC=example"], True),
        (["ldap://x/DC=us,DC=corp,DC=example"], False),
        (["ldap://x/CN=Configuration,DC=other,DC=example"], False),
        (["ldap://x/OU=a,CN=Configuration,DC=corp,DC=example"], False),
        (["ldap://x/CN=Configuration,DC=corp,DC=example", "ldap://x/DC=us"], False),
        (["ldap://x"], False),
        (["nonsense"], False),
        ([], False),
    ],
)
def test_references_of_active_directory_to_where_nobody_is(
    monkeypatch: pytest.MonkeyPatch, urls: list[str], holds_nobody: bool
) -> None:
    references = References()
    references.add(Reference(tuple(urls)))
    session: Session = None  # type: ignore[assignment]
    monkeypatch.setattr("intranet_people.ldap.search.root_of", lambda session: ROOT)
    if holds_nobody:
        references.check_complete(session)
    else:
        with pytest.raises(IncompleteRead, match="PEOPLE_LDAP_BASE_DN"):
            references.check_complete(session)
    # Another kind of server has no such parts.
    monkeypatch.setattr("intranet_people.ldap.search.root_of", lambda session: Entry("", {}))
    with pytest.raises(IncompleteRead):
        references.check_complete(session)


def test_who_was_seen_need_not_tell_the_time(old_slapd: Slapd) -> None:
    directory = directory_of(old_slapd, page_size=5)

    def read(seen: KnownDigests) -> tuple[list[Entry], Checkpoint | None]:
        (one,) = directory.reads(BY_CLOCK, None, seen)
        return list(one), one.checkpoint

    before, checkpoint = read(KnownDigests(b"key"))
    assert checkpoint == Checkpoint("timestamp", "", LONG_AGO)
    who = {digest_of(entry, b"key"): n for n, entry in enumerate(before, 1)}
    seen = KnownDigests(b"key", who, checkpoint)
    again, later = read(seen)
    assert {seen.id_of(entry) for entry in again} == set(who.values())
    assert later == checkpoint
    # Without a checkpoint of the clock they are asked after all: else there would never be one.
    for other in (None, Checkpoint("syncrepl", "", "Y29va2ll")):
        assert read(KnownDigests(b"key", who, other))[1] == checkpoint
    added(old_slapd, "noor", "20200401120000Z")
    assert read(KnownDigests(b"key", who, checkpoint))[1] == Checkpoint(
        "timestamp", "", "20200401120000Z"
    )
