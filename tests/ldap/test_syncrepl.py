"""What changed, in the words of OpenLDAP's own syncprov (RFC 4533)."""

import random
import re
import tracemalloc
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import islice

import pytest

from intranet_people.ldap import ber, messages
from intranet_people.ldap.connection import (
    Checkpoint,
    Directory,
    DirectoryDown,
    DirectoryError,
    IncompleteRead,
    Read,
    StartOver,
)
from intranet_people.ldap.entry import Entry
from intranet_people.ldap.schemas import INETORGPERSON, Schema

from ..servers.slapd import NORTHWIND, Slapd
from .conftest import GUESTS, directory_of
from .wire import wire

pytestmark = pytest.mark.slapd
PEOPLE = f"ou=people,{Slapd.base_dn}"
STATE, DONE_CONTROL = "1.3.6.1.4.1.4203.1.9.1.2", "1.3.6.1.4.1.4203.1.9.1.3"


class Taken:
    """The first read that comes to its end, and why those before it did not."""

    def __init__(
        self,
        directory: Directory,
        checkpoint: Checkpoint | None = None,
        schema: Schema = INETORGPERSON,
    ) -> None:
        self.refused: list[str] = []
        for read in directory.reads(schema, checkpoint):
            try:
                self.entries, self.read = list(read), read
                break
            except StartOver as e:
                self.refused.append(str(e))

    @property
    def names(self) -> list[str]:
        return sorted(e.values("uid")[0].decode() for e in self.entries)

    @property
    def checkpoint(self) -> Checkpoint:
        assert self.read.checkpoint is not None
        return self.read.checkpoint

    def id_of(self, name: str) -> str:
        (entry,) = (e for e in self.entries if e.values("uid") == [name.encode()])
        return entry.values("entryUUID")[0].decode().replace("-", "")

    def ids(self) -> set[str]:
        return {e.values("entryUUID")[0].decode().replace("-", "") for e in self.entries}


def changed(slapd: Slapd, uid: str, *lines: str) -> None:
    slapd.modify("\n".join([f"dn: uid={uid},{PEOPLE}", "changetype: modify", *lines, ""]))


def renamed(slapd: Slapd, uid: str, rdn: str) -> None:
    slapd.modify(f"dn: uid={uid},{PEOPLE}\nchangetype: modrdn\nnewrdn: {rdn}\ndeleteoldrdn: 1\n")


@pytest.fixture
def directory(changing_slapd: Slapd) -> Directory:
    return directory_of(changing_slapd)


@pytest.fixture
def forgetful_slapd() -> Iterator[Slapd]:
    """A server that remembers the last two changes."""
    with configured(lambda conf: conf.replace("sessionlog 10000", "sessionlog 2")) as server:
        yield server


@pytest.fixture
def slapd_with_limit() -> Iterator[Slapd]:
    """A server that sends five entries at once, and as many as there are by pages."""
    limit = "sizelimit size.soft=5 size.hard=5 size.prtotal=unlimited"
    with configured(lambda conf: conf.replace("sizelimit unlimited", limit)) as server:
        yield server


@pytest.fixture
def slapd_without_syncprov() -> Iterator[Slapd]:
    with configured(lambda conf: re.sub(r".*syncprov.*\n", "", conf)) as server:
        yield server


def configured(change: Callable[[str], str]) -> Slapd:
    """A server of its own, not yet started, with another slapd.conf."""
    server = Slapd(NORTHWIND)
    file = server.directory / "slapd.conf"
    before = file.read_text()
    file.write_text(change(before))
    assert file.read_text() != before
    return server


def test_everybody_and_a_mark(directory: Directory) -> None:
    first = Taken(directory)
    assert len(first.entries) == 12
    assert first.read.is_full
    assert (first.read.gone, first.read.present) == (set(), None)
    assert first.checkpoint.way == "syncrepl"
    assert b"csn=" in b64decode(first.checkpoint.value)
    assert Checkpoint.of_json(first.checkpoint.as_json()) == first.checkpoint


def test_nothing_changed(directory: Directory) -> None:
    checkpoint = Taken(directory).checkpoint
    again = Taken(directory, checkpoint)
    assert (again.entries, again.read.is_full) == ([], False)
    assert (again.read.gone, again.read.present, again.checkpoint) == (set(), None, checkpoint)


def test_what_changed(directory: Directory, changing_slapd: Slapd) -> None:
    first = Taken(directory)
    changed(changing_slapd, "alice", "replace: title", "title: Head of Calibration")
    renamed(changing_slapd, "joerg", "uid=joerg.dressler")
    changing_slapd.delete(f"uid=kenji,{PEOPLE}")
    # One who is there and is no person any more, to those who read the people.
    changing_slapd.add(
        f"dn: uid=noor,{PEOPLE}\nobjectClass: inetOrgPerson\nuid: noor\ncn: Noor\nsn: Noor\n"
    )
    then = Taken(directory, first.checkpoint)
    assert then.names == ["alice", "joerg.dressler", "noor"]
    assert then.id_of("joerg.dressler") == first.id_of("joerg")
    assert then.entries[0].values("title") or then.entries[1].values("title")
    assert (then.read.gone, then.read.present) == ({first.id_of("kenji")}, None)
    assert Taken(directory, then.checkpoint).entries == []
    # The older checkpoint goes on to be good.
    assert Taken(directory, first.checkpoint).read.gone == {first.id_of("kenji")}


def test_whoever_falls_out_of_the_filter_is_gone(
    directory: Directory, changing_slapd: Slapd
) -> None:
    dutch = INETORGPERSON.with_filter("(&(objectClass=inetOrgPerson)(l=Rotterdam))")
    first = Taken(directory, schema=dutch)
    assert "margaret" in first.names
    changed(changing_slapd, "margaret", "replace: l", "l: Kyoto")
    then = Taken(directory, first.checkpoint, dutch)
    assert (then.entries, then.read.gone) == ([], {first.id_of("margaret")})
    changed(changing_slapd, "margaret", "replace: l", "l: Rotterdam")
    back = Taken(directory, then.checkpoint, dutch)
    assert (back.names, back.read.gone) == (["margaret"], set())


def test_a_log_that_is_too_short_tells_who_is_present(forgetful_slapd: Slapd) -> None:
    directory = directory_of(forgetful_slapd)
    first = Taken(directory)
    changing = [*first.names[:4]]
    forgetful_slapd.delete(f"uid=kenji,{PEOPLE}")
    for name in changing:
        changed(forgetful_slapd, name, "replace: title", "title: Head of All")
    then = Taken(directory, first.checkpoint)
    assert then.names == changing
    assert not then.read.is_full
    assert then.read.present is not None
    assert first.ids() - then.read.present - then.ids() == {first.id_of("kenji")}
    assert Taken(directory, then.checkpoint).read.present is None


def test_a_server_that_was_restarted_tells_who_is_present(
    directory: Directory, changing_slapd: Slapd
) -> None:
    first = Taken(directory)
    changing_slapd.delete(f"uid=kenji,{PEOPLE}")
    changed(changing_slapd, "alice", "replace: title", "title: Head of Calibration")
    changing_slapd.stop()
    changing_slapd.start()
    then = Taken(directory, first.checkpoint)
    assert then.names == ["alice"]
    assert then.read.present is not None
    assert first.ids() - then.read.present - then.ids() == {first.id_of("kenji")}


def test_a_directory_that_was_made_anew_leaves_nobody_of_the_old(
    directory: Directory, changing_slapd: Slapd
) -> None:
    first = Taken(directory)
    changing_slapd.restore()
    then = Taken(directory, first.checkpoint)
    assert len(then.entries) == 12
    assert then.read.is_full or then.read.present is not None
    assert not first.ids() & (then.ids() | (then.read.present or set()))


def test_a_cookie_of_the_future_starts_over(directory: Directory) -> None:
    first = Taken(directory)
    cookie = b64decode(first.checkpoint.value).replace(b"csn=20", b"csn=29")
    then = Taken(directory, replace(first.checkpoint, value=b64encode(cookie).decode()))
    assert len(then.refused) == 1
    assert then.read.is_full
    assert len(then.entries) == 12


def test_a_mark_that_is_no_cookie_starts_over(directory: Directory) -> None:
    then = Taken(directory, Checkpoint("syncrepl", "", "§"))
    assert then.read.is_full
    assert "no cookie" in then.refused[0]


def test_a_limit_is_no_end_where_pages_go_on(slapd_with_limit: Slapd) -> None:
    read = Taken(directory_of(slapd_with_limit))
    assert len(read.refused) == 1
    assert "sizeLimitExceeded" in read.refused[0]
    assert len(read.entries) == 12
    assert (read.read.is_full, read.checkpoint.way) == (True, "timestamp")


def test_a_server_without_syncrepl_is_read_by_pages_at_once(slapd_without_syncprov: Slapd) -> None:
    read = Taken(directory_of(slapd_without_syncprov))
    assert (read.refused, len(read.entries), read.checkpoint.way) == ([], 12, "timestamp")
    refused = Taken(directory_of(slapd_without_syncprov), Checkpoint("syncrepl", "", "eA=="))
    assert "unavailableCriticalExtension" in refused.refused[0]
    assert len(refused.entries) == 12


def test_an_id_of_ones_own_is_not_what_syncrepl_speaks_of(directory: Directory) -> None:
    own = replace(INETORGPERSON, id_attribute="employeeNumber")
    read = Taken(directory, schema=own)
    assert "employeeNumber is not the id" in read.refused[0]
    assert (read.read.is_full, read.checkpoint.way) == (True, "timestamp")


def test_a_referral_is_a_part_that_is_missing(changing_slapd: Slapd) -> None:
    with wire() as trap:
        elsewhere = f"ou=elsewhere,{changing_slapd.base_dn}"
        changing_slapd.add(
            f"dn: {elsewhere}\nobjectClass: referral\nobjectClass: extensibleObject\n"
            f"ou: elsewhere\nref: {trap.uri}/{elsewhere}\n"
        )
        for read in directory_of(changing_slapd).reads(INETORGPERSON, None):
            came: list[Entry] = []
            with pytest.raises(IncompleteRead, match="another server"):
                came.extend(read)
            assert (len(came), read.checkpoint) == (12, None)
        assert trap.callers == 0


@pytest.mark.parametrize("end", ["kill", "stop", "pause"])
def test_a_refresh_that_breaks_off_leaves_no_mark(large_slapd: Slapd, end: str) -> None:
    directory = directory_of(large_slapd, timeout=1)
    read = next(directory.reads(INETORGPERSON, None))
    come = iter(read)
    came = list(islice(come, 100))
    getattr(large_slapd, end)()
    with pytest.raises(IncompleteRead):
        came.extend(come)
    assert 100 <= len(came) < GUESTS
    assert (read.checkpoint, read.gone, read.present) == (None, set(), None)


def test_a_refresh_is_never_held_in_memory(large_slapd: Slapd) -> None:
    read = next(directory_of(large_slapd).reads(INETORGPERSON, None))
    tracemalloc.start()
    assert sum(1 for _ in read) == GUESTS + 12
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # It sends 16 MB.
    assert peak < 3_000_000
    assert read.checkpoint is not None


def test_a_missing_base_is_named(slapd: Slapd) -> None:
    nowhere = directory_of(slapd, base_dn=f"ou=nobody,{slapd.base_dn}")
    for read in nowhere.reads(INETORGPERSON, None):
        with pytest.raises(DirectoryError, match="PEOPLE_LDAP_BASE_DN"):
            list(read)


def test_a_dead_server_is_down(slapd: Slapd) -> None:
    with wire() as nobody:
        nobody.close()
        for read in directory_of(slapd, uris=[nobody.uri]).reads(INETORGPERSON, None):
            with pytest.raises(DirectoryDown):
                list(read)


# What servers other than OpenLDAP say, as messages: success, an entry, and the end of a refresh.
BOUND = bytes.fromhex("61070a010004000400")
SUCCESS = bytes.fromhex("65070a010004000400")
ALICE_ID = bytes(range(16))


def sequence(*parts: bytes) -> bytes:
    return ber.element(ber.SEQUENCE, b"".join(parts))


def text(value: bytes) -> bytes:
    return ber.element(ber.OCTETS, value)


def attribute(name: bytes, *values: bytes) -> bytes:
    return sequence(text(name), ber.element(ber.SET, b"".join(map(text, values))))


def control(oid: str, value: bytes) -> bytes:
    return ber.element(0xA0, sequence(text(oid.encode()), text(value)))


def entry(dn: bytes, *attributes: bytes) -> bytes:
    return ber.element(messages.ENTRY, text(dn) + sequence(*attributes))


def root(vendor: bytes) -> list[bytes]:
    offered = attribute(b"supportedControl", b"1.3.6.1.4.1.4203.1.9.1.1")
    return [entry(b"", offered, attribute(b"vendorName", vendor)), SUCCESS]


def alice(state: int = 1) -> bytes:
    uuid = attribute(b"entryUUID", b"00010203-0405-0607-0809-0a0b0c0d0e0f")
    value = sequence(ber.integer(state, ber.ENUMERATED), text(ALICE_ID))
    return entry(b"uid=alice", uuid, attribute(b"uid", b"alice")) + control(STATE, value)


def end(deletes: bool, cookie: bytes = b"next") -> bytes:
    value = sequence(text(cookie), ber.element(ber.BOOLEAN, b"\xff") if deletes else b"")
    return SUCCESS + control(DONE_CONTROL, value)


def ids(deletes: bool, *uuids: bytes) -> bytes:
    kind = ber.element(ber.BOOLEAN, b"\xff" if deletes else b"\0")
    said = ber.element(0xA3, kind + ber.element(ber.SET, b"".join(map(text, uuids))))
    name = ber.element(0x80, b"1.3.6.1.4.1.4203.1.9.1.4")
    return ber.element(messages.INTERMEDIATE, name + ber.element(0x81, said))


def changes(*answers: list[bytes]) -> Read:
    """The changes since a checkpoint that a server reports with these messages."""
    with wire(None, [BOUND], *answers) as line:
        directory = Directory([line.uri], "dc=x", starttls=False, timeout=1)
        read = next(directory.reads(INETORGPERSON, Checkpoint("syncrepl", "", "b2xk")))
        read.entries = list(read)  # type: ignore[attr-defined]
    return read


def test_389_says_present_and_means_deleted() -> None:
    gone = bytes(16)
    read = changes([ids(True, gone), alice(2), end(False)], root(b"389 Project"))
    assert (read.gone, read.present) == ({gone.hex()}, None)
    assert read.checkpoint == Checkpoint("syncrepl", "", b64encode(b"next").decode())
    nothing = changes([end(False)], root(b"389 Project"))
    assert (nothing.gone, nothing.present) == (set(), None)


def test_another_server_that_names_nobody_is_not_believed() -> None:
    with pytest.raises(StartOver, match="who is still there"):
        changes([end(False)], root(b"Elsewhere"))
    with pytest.raises(StartOver, match="how far it came"):
        changes([SUCCESS])
    with pytest.raises(StartOver, match="without its state"):
        changes([alice().split(b"\xa0")[0], end(True)])


def test_whoever_is_sent_after_the_delete_is_there() -> None:
    read = changes([ids(True, ALICE_ID, bytes(16)), alice(), end(True)])
    assert read.gone == {bytes(16).hex()}


def test_each_state_of_an_entry() -> None:
    read = changes([alice(3), ids(False, bytes(16)), end(False)])
    assert (read.gone, read.present) == ({ALICE_ID.hex()}, {bytes(16).hex()})
    read = changes([alice(0), end(False)])
    assert (read.gone, read.present) == (set(), {ALICE_ID.hex()})
    with pytest.raises(IncompleteRead, match="the state 9"):
        changes([alice(9), end(True)])


@pytest.mark.parametrize("code", [3, 4, 11, 12, 50, 53, 80, 4096])
def test_a_refusal_starts_over(code: int) -> None:
    refusal = ber.element(messages.DONE, ber.integer(code, ber.ENUMERATED) + text(b"") + text(b""))
    with pytest.raises(StartOver):
        changes([alice(), refusal])


@pytest.mark.parametrize(("code", "name"), [(51, "busy"), (52, "unavailable")])
def test_a_busy_server_is_an_incomplete_read(code: int, name: str) -> None:
    busy = ber.element(messages.DONE, ber.integer(code, ber.ENUMERATED) + text(b"") + text(b""))
    with pytest.raises(IncompleteRead, match=name):
        changes([alice(), busy])


@pytest.mark.parametrize("seed", range(60))
def test_no_answer_raises_anything_else(seed: int) -> None:
    dice = random.Random(seed)
    answers = [ids(True, ALICE_ID), ids(False, bytes(16)), alice(), end(False)]
    for _ in range(dice.randrange(1, 4)):
        n = dice.randrange(len(answers))
        spoilt = bytearray(answers[n])
        spoilt[dice.randrange(len(spoilt))] = dice.randrange(256)
        answers[n] = bytes(spoilt)
    with suppress(DirectoryError, StartOver):
        changes(answers, root(b"389"))
