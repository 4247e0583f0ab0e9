"""Messages off the wire: what is well-formed is read, and any other bytes are Malformed."""

import random
import socket
import time
from contextlib import suppress
from typing import Any

import pytest

from intranet_people.ldap import attributes, ber, messages
from intranet_people.ldap.ber import Malformed
from intranet_people.ldap.changes import KnownDigests, digest_of
from intranet_people.ldap.entry import Entry
from intranet_people.ldap.errors import ConnectionLost
from intranet_people.ldap.messages import Intermediate, Message, Reference, Result
from intranet_people.ldap.wire import Wire, answers

STATE = "1.3.6.1.4.1.4203.1.9.1.2"


def message(operation: bytes, controls: bytes = b"", number: int = 7) -> bytes:
    return ber.element(ber.SEQUENCE, ber.integer(number) + operation + controls)


def decode(data: bytes) -> Message:
    """With what is in an entry."""
    decoded = messages.decode(data)
    if isinstance(decoded.content, Entry):
        decoded.content.decode()
    return decoded


def text(value: str | bytes) -> bytes:
    return ber.element(ber.OCTETS, value.encode() if isinstance(value, str) else value)


def attribute(name: str, *values: bytes) -> bytes:
    kept = ber.element(ber.SET, b"".join(map(text, values)))
    return ber.element(ber.SEQUENCE, text(name) + kept)


def entry(dn: str, *attributes: bytes) -> bytes:
    row = ber.element(ber.SEQUENCE, b"".join(attributes))
    return ber.element(messages.ENTRY, text(dn) + row)


def control(name: str, value: bytes, criticality: bytes = b"") -> bytes:
    row = ber.element(ber.SEQUENCE, text(name) + criticality + text(value))
    return ber.element(0xA0, row)


ALICE = entry(
    "uid=alice,dc=x",
    attribute("UID", b"alice"),
    attribute("displayName", b"Alice Liddell"),
    attribute("jpegPhoto", b"\xff\xd8" * 40_000, b""),
    attribute("title;lang-ja", b"Kogaku"),
    attribute("title", b"Optical Designer"),
    attribute("mail"),
)
DONE = ber.element(messages.DONE, ber.integer(4, ber.ENUMERATED) + text("") + text("enough\nnow"))
REFERENCE = ber.element(messages.REFERENCE, text("ldap://elsewhere/ou=x") + text("ldap://there"))
NOTE = ber.element(
    messages.INTERMEDIATE, ber.element(0x80, b"1.2.3") + ber.element(0x81, b"\x30\x00")
)
WELL_FORMED = [
    message(ALICE, control(STATE, bytes(23))),
    message(entry("", attribute("supportedControl", *(b"%d" % n for n in range(30))))),
    message(DONE, control("1.2", b"\x30\x00", ber.element(ber.BOOLEAN, b"\xff"))),
    message(REFERENCE),
    message(NOTE),
]


def test_an_entry() -> None:
    number, alice, controls = decode(message(ALICE, control(STATE, b"state"), 70_000))
    assert number == 70_000
    assert alice == Entry(
        "uid=alice,dc=x",
        {
            "uid": [b"alice"],
            "displayname": [b"Alice Liddell"],
            "jpegphoto": [b"\xff\xd8" * 40_000, b""],
            "title": [b"Optical Designer", b"Kogaku"],
            "mail": [],
        },
    )
    assert controls == {STATE: b"state"}


def test_a_range_of_the_values_is_not_taken_for_all_of_them() -> None:
    group = entry("cn=all", attribute("member"), attribute("member;range=0-1499", b"cn=alice"))
    _, found, _ = decode(message(group))
    assert isinstance(found, Entry)
    assert found.attributes == {"member": [], "member;range=0-1499": [b"cn=alice"]}


def test_what_else_a_search_is_answered_with() -> None:
    assert [decode(m).content for m in WELL_FORMED[2:]] == [
        Result(4, "enough now"),
        Reference(("ldap://elsewhere/ou=x", "ldap://there")),
        Intermediate("1.2.3", b"\x30\x00"),
    ]
    assert decode(WELL_FORMED[2]).controls == {"1.2": b"\x30\x00"}
    assert str(Result(4, "enough now")) == "sizeLimitExceeded enough now"
    assert decode(message(ber.element(messages.EXTENDED, b""), number=0)).content is None


def test_lengths_in_more_bytes_than_they_need() -> None:
    # As Samba and Active Directory write them.
    long = b"\x84\x00\x00\x00"
    values = b"\x04\x03uid\x31" + long + b"\x09\x04" + long + b"\x03bob"
    inside = b"\x04\x00\x30" + long + bytes([len(values) + 6]) + b"\x30" + long
    inside += bytes([len(values)]) + values
    _, bob, _ = decode(message(b"\x64" + long + bytes([len(inside)]) + inside))
    assert bob == Entry("", {"uid": [b"bob"]})


@pytest.mark.parametrize("value", [b"a" * n for n in (0, 1, 125, 126, 127, 128, 129, 131, 70_000)])
def test_values_of_any_length(value: bytes) -> None:
    _, found, _ = decode(message(entry("", attribute("a", value), attribute("b", value, value))))
    assert found == Entry("", {"a": [value], "b": [value, value]})


def test_cut_short_anywhere() -> None:
    for whole in (message(entry("uid=alice", attribute("uid", b"alice"))), *WELL_FORMED[1:]):
        for length in range(len(whole)):
            with pytest.raises(Malformed):
                decode(whole[:length])


def test_a_length_that_reaches_too_far_is_never_a_shorter_value() -> None:
    whole = bytearray(message(entry("uid=alice", attribute("uid", b"alice"), attribute("l", b"x"))))
    for at in range(len(whole)):
        for more in (1, 2, 0x40, 0x70):
            spoilt = bytearray(whole)
            spoilt[at] = (spoilt[at] + more) % 256
            try:
                _, found, _ = decode(bytes(spoilt))
            except Malformed:
                continue
            if isinstance(found, Entry) and len(found.attributes) == 2:
                assert [len(v) for values in found.attributes.values() for v in values] == [5, 1]


@pytest.mark.parametrize("seed", range(20))
def test_no_bytes_raise_anything_else(seed: int) -> None:
    dice = random.Random(seed)
    whole = [m for m in WELL_FORMED if len(m) < 5000] + [message(entry("", attribute("a", b"b")))]
    for _ in range(2000):
        spoilt = bytearray(dice.choice(whole))
        for _ in range(dice.randrange(1, 4)):
            at = dice.randrange(len(spoilt))
            how = dice.randrange(4)
            if how == 0:
                spoilt[at] = dice.randrange(256)
            elif how == 1:
                spoilt[at] ^= 1 << dice.randrange(8)
            elif how == 2:
                del spoilt[at : at + dice.randrange(1, 9)]
                spoilt = spoilt or bytearray(b"0")
            else:
                spoilt[at:at] = dice.randbytes(dice.randrange(1, 9))
        with suppress(Malformed):
            decode(bytes(spoilt))
        with suppress(Malformed):
            ber.inner(bytes(spoilt))


@pytest.mark.parametrize(
    "head",
    [
        b"HT",
        b"\x30\x80",
        b"\x30\xff\xff\xff",
        b"\x30\x84\x04\x00\x00\x01",
        b"\x30\x88" + b"\x7f" * 8,
    ],
)
def test_what_begins_no_message(head: bytes) -> None:
    with pytest.raises(Malformed):
        messages.message_length(head)


def test_how_long_a_message_is() -> None:
    assert [messages.message_length(h) for h in (b"", b"\x30", b"\x30\x82\x01")] == [None] * 3
    assert messages.message_length(b"\x30\x05") == 7
    assert messages.message_length(b"\x30\x84\x03\xff\xff\xfa") == messages.LONGEST


@pytest.mark.parametrize("piece", [1, 7, 4096, 1_000_000])
def test_messages_are_whole_however_they_come(piece: int) -> None:
    sent = WELL_FORMED[1:] if piece < 100 else WELL_FORMED * 9
    here, there = socket.socketpair()
    with here, there:
        there.setblocking(False)
        waiting = memoryview(b"".join(sent))
        wire, came = Wire(here), list[bytes]()
        while waiting or not wire.is_empty:
            if waiting:
                waiting = waiting[there.send(waiting[:piece]) :]
            with suppress(TimeoutError):
                came += wire.messages(time.monotonic() + 0.001)
        assert came == sent


def test_nonsense_behind_a_message_does_not_take_it_away() -> None:
    here, there = socket.socketpair()
    with here, there:
        there.sendall(WELL_FORMED[3] + b"HTTP/1.1 400 Bad Request")
        wire = Wire(here)
        assert wire.messages(time.monotonic() + 1) == [WELL_FORMED[3]]
        with pytest.raises(Malformed):
            wire.messages(time.monotonic() + 1)


def test_the_end_of_the_line() -> None:
    here, there = socket.socketpair()
    with here:
        with there:
            there.sendall(WELL_FORMED[0][:100])
        with pytest.raises(EOFError):
            Wire(here).messages(time.monotonic() + 1)


def answered(*operations: bytes, seen: KnownDigests | None = None) -> list[Entry]:
    here, there = socket.socketpair()
    with here, there:
        there.sendall(b"".join(map(message, operations)))
        return [entry for batch in answers(Wire(here), 7, 1, None, seen) for entry in batch.entries]


def test_an_entry_that_was_seen_is_not_looked_into(monkeypatch: pytest.MonkeyPatch) -> None:
    (before,) = answered(ALICE, DONE)
    seen = KnownDigests(b"key", {digest_of(before, b"key"): 7})
    looks = []

    def noted(raw: bytes) -> Any:
        found = attributes.dn_and_attributes(raw)
        looks.append(found[0])
        return found

    monkeypatch.setattr("intranet_people.ldap.entry.dn_and_attributes", noted)
    bob = entry("uid=bob,dc=x", attribute("uid", b"bob"))
    again, other = answered(ALICE, bob, DONE, seen=seen)
    assert [seen.who_is(again), seen.who_is(other)] == [7, None]
    assert looks == [other.dn]
    assert (again.size, again.digest) == (before.size, before.digest)
    assert again.dn == "uid=alice,dc=x"
    assert again == before
    assert looks == [other.dn, again.dn]


def test_of_other_bytes_or_another_mapping_an_entry_is_new() -> None:
    (before,) = answered(ALICE, DONE)
    (later,) = answered(entry("uid=alice,dc=x", attribute("UID", b"Alice")), DONE)
    who = {digest_of(before, b"key"): 7}
    assert KnownDigests(b"key", who).who_is(before) == 7
    assert KnownDigests(b"key", who).who_is(later) is None
    assert KnownDigests(b"other", who).who_is(before) is None
    assert len(digest_of(before, b"key")) == 16


def test_nonsense_in_an_entry_ends_the_answer_where_it_comes() -> None:
    came: list[Entry] = []
    here, there = socket.socketpair()
    with here, there:
        nonsense = ber.element(messages.ENTRY, b"nonsense")
        there.sendall(message(ALICE) + message(nonsense) + message(DONE))
        with pytest.raises(ConnectionLost, match="the read broke off"):
            came.extend(entry for batch in answers(Wire(here), 7, 1) for entry in batch.entries)
    assert [alice.dn for alice in came] == ["uid=alice,dc=x"]
