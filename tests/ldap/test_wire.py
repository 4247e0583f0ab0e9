"""Messages as they come over a connection: in pieces, in batches, to its end."""

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
from intranet_people.ldap.wire import Wire, answers

from .encoded import ALICE, LIMITED, WELL_FORMED, attribute, entry, message


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
    (before,) = answered(ALICE, LIMITED)
    seen = KnownDigests(b"key", {digest_of(before, b"key"): 7})
    looks = []

    def noted(raw: bytes) -> Any:
        found = attributes.dn_and_attributes(raw)
        looks.append(found[0])
        return found

    monkeypatch.setattr("intranet_people.ldap.entry.dn_and_attributes", noted)
    bob = entry("uid=bob,dc=x", attribute("uid", b"bob"))
    again, other = answered(ALICE, bob, LIMITED, seen=seen)
    assert [seen.id_of(again), seen.id_of(other)] == [7, None]
    assert looks == [other.dn]
    assert (again.size, again.digest) == (before.size, before.digest)
    assert again.dn == "uid=alice,dc=x"
    assert again == before
    assert looks == [other.dn, again.dn]


def test_of_other_bytes_or_another_mapping_an_entry_is_new() -> None:
    (before,) = answered(ALICE, LIMITED)
    (later,) = answered(entry("uid=alice,dc=x", attribute("UID", b"Alice")), LIMITED)
    who = {digest_of(before, b"key"): 7}
    assert KnownDigests(b"key", who).id_of(before) == 7
    assert KnownDigests(b"key", who).id_of(later) is None
    assert KnownDigests(b"other", who).id_of(before) is None
    assert len(digest_of(before, b"key")) == 16


def test_nonsense_in_an_entry_ends_the_answer_where_it_comes() -> None:
    came: list[Entry] = []
    here, there = socket.socketpair()
    with here, there:
        nonsense = ber.element(messages.ENTRY, b"nonsense")
        there.sendall(message(ALICE) + message(nonsense) + message(LIMITED))
        with pytest.raises(ConnectionLost, match="the read failed partway"):
            came.extend(entry for batch in answers(Wire(here), 7, 1) for entry in batch.entries)
    assert [alice.dn for alice in came] == ["uid=alice,dc=x"]
