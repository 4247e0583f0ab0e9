"""LDAP messages as they come in answer to a search (RFC 4511 4).

Pure functions, and quick ones: a company's entries go through `decode`. Bytes of any kind
either decode or raise Malformed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from ..text import one_line
from .ber import (
    BOOLEAN,
    ENUMERATED,
    INTEGER,
    OCTETS,
    SEQUENCE,
    Malformed,
    elements,
    inside,
    number,
    span,
)
from .entry import Entry

LONGEST = 64 * 1024 * 1024
"""The length, in bytes, beyond which a message is taken for nonsense."""

ENTRY, DONE, REFERENCE, EXTENDED, INTERMEDIATE = 0x64, 0x65, 0x73, 0x78, 0x79
_CONTROLS = 0xA0

Controls = dict[str, bytes]
"""Value by OID; b"" where a control has none."""

RESULTS = {
    0: "success",
    1: "operationsError",
    2: "protocolError",
    3: "timeLimitExceeded",
    4: "sizeLimitExceeded",
    8: "strongerAuthRequired",
    10: "referral",
    11: "adminLimitExceeded",
    12: "unavailableCriticalExtension",
    18: "inappropriateMatching",
    32: "noSuchObject",
    34: "invalidDNSyntax",
    50: "insufficientAccessRights",
    51: "busy",
    52: "unavailable",
    53: "unwillingToPerform",
    80: "other",
    4096: "syncRefreshRequired",
}
"""What a search may end with: RFC 4511 A.1, and RFC 4533 2.6."""


@dataclass(frozen=True, slots=True)
class Result:
    """How an operation ended (RFC 4511 4.1.9)."""

    code: int
    message: str = ""

    def __str__(self) -> str:
        return f"{RESULTS.get(self.code, self.code)} {self.message}".strip()


@dataclass(frozen=True, slots=True)
class Reference:
    """A part of the answer lies elsewhere: the same at each of `urls` (RFC 4511 4.5.3)."""

    urls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Intermediate:
    """RFC 4511 4.13."""

    name: str
    value: bytes = field(repr=False)


class Message(NamedTuple):
    id: int
    content: Entry | Reference | Intermediate | Result | None
    """None for an operation that answers no search."""
    controls: Controls


NO_CONTROLS: Controls = {}


def decode(data: bytes) -> Message:
    """One whole message (RFC 4511 4.1.1), but for what is in an entry. Raises Malformed."""
    try:
        return _message(data)
    except (IndexError, UnicodeDecodeError) as e:
        raise Malformed(f"cut short, or no text where one should be: {e}") from None


def message_length(data: bytes | bytearray | memoryview) -> int | None:
    """How long the message is that begins so; None where that is not yet known.

    Raises Malformed where no message begins so, or one longer than LONGEST.
    """
    if len(data) < 2:
        if len(data) and data[0] != SEQUENCE:
            raise Malformed("no LDAP message")
        return None
    if data[0] != SEQUENCE:
        raise Malformed("no LDAP message")
    size, at = data[1], 2
    if size > 127:
        if not 0x81 <= size <= 0x88:
            raise Malformed("a length that LDAP does not allow")
        at += size - 128
        if len(data) < at:
            return None
        size = int.from_bytes(data[2:at], "big")
    if at + size > LONGEST:
        raise Malformed(f"a message of {size} bytes")
    return at + size


def _message(data: bytes) -> Message:
    at, end = inside(data, 0, len(data), SEQUENCE)
    start, at = inside(data, at, end, INTEGER)
    id, operation = number(data[start:at]), data[at]
    start, at = span(data, at, end)
    content = data[start:at]
    controls = NO_CONTROLS
    if at < end:
        controls = _controls(data, *inside(data, at, end, _CONTROLS))
    if operation == ENTRY:
        return Message(id, Entry.from_bytes(content), controls)
    if operation == DONE:
        return Message(id, _result(content), controls)
    if operation == REFERENCE:
        return Message(id, _reference(content), controls)
    if operation == INTERMEDIATE:
        return Message(id, _intermediate(content), controls)
    return Message(id, None, controls)


def _controls(data: bytes, at: int, end: int) -> Controls:
    """RFC 4511 4.1.11."""
    controls = {}
    while at < end:
        start, stop = inside(data, at, end, SEQUENCE)
        start, at = inside(data, start, stop, OCTETS)
        name = data[start:at].decode("ascii")
        if at < stop and data[at] == BOOLEAN:
            _, at = span(data, at, stop)  # the criticality, which says nothing in an answer
        start = at
        if at < stop:
            start, at = inside(data, at, stop, OCTETS)
        controls[name] = data[start:at]
        at = stop
    return controls


def _result(content: bytes) -> Result:
    end = len(content)
    start, at = inside(content, 0, end, ENUMERATED)
    code = number(content[start:at])
    _, at = inside(content, at, end, OCTETS)
    start, at = inside(content, at, end, OCTETS)
    return Result(code, one_line(content[start:at].decode("utf-8", "replace")))


def _reference(content: bytes) -> Reference:
    return Reference(tuple(url.decode("utf-8", "replace") for _, url in elements(content)))


def _intermediate(content: bytes) -> Intermediate:
    parts = dict(elements(content))
    return Intermediate(parts.get(0x80, b"").decode("ascii"), parts.get(0x81, b""))
