"""What servers other than OpenLDAP say, message by message."""

import random
from base64 import b64encode
from contextlib import suppress

import pytest

from intranet_people.ldap import ber, messages
from intranet_people.ldap.connection import (
    Checkpoint,
    Directory,
    DirectoryError,
    IncompleteRead,
    Read,
    StartOver,
)
from intranet_people.ldap.presets import INETORGPERSON

from ..encoded import BOUND, STATE, SUCCESS, attribute, control, entry, sequence, text
from ..wire import wire

SYNC_DONE = "1.3.6.1.4.1.4203.1.9.1.3"
ALICE_ID = bytes(range(16))


def root(vendor: bytes) -> list[bytes]:
    offered = attribute("supportedControl", b"1.3.6.1.4.1.4203.1.9.1.1")
    return [entry("", offered, attribute("vendorName", vendor)), SUCCESS]


def alice(state: int = 1) -> bytes:
    uuid = attribute("entryUUID", b"00010203-0405-0607-0809-0a0b0c0d0e0f")
    value = sequence(ber.integer(state, ber.ENUMERATED), text(ALICE_ID))
    return entry("uid=alice", uuid, attribute("uid", b"alice")) + control(STATE, value)


def end(deletes: bool, cookie: bytes = b"next") -> bytes:
    value = sequence(text(cookie), ber.element(ber.BOOLEAN, b"\xff") if deletes else b"")
    return SUCCESS + control(SYNC_DONE, value)


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
