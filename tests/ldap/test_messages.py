"""Messages off the wire: what is well-formed is read, and any other bytes are Malformed."""

import random
from contextlib import suppress

import pytest

from intranet_people.ldap import ber, messages
from intranet_people.ldap.ber import Malformed
from intranet_people.ldap.entry import Entry
from intranet_people.ldap.messages import Intermediate, Message, Reference, Result

from .encoded import ALICE, STATE, WELL_FORMED, attribute, control, entry, message


def decode(data: bytes) -> Message:
    """With what is in an entry."""
    decoded = messages.decode(data)
    if isinstance(decoded.content, Entry):
        decoded.content.decode()
    return decoded


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
    assert messages.message_length(b"\x30\x84\x03\xff\xff\xfa") == messages.MAX_MESSAGE_SIZE
